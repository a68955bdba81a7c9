//! By what right a record is opened, and the receipt that an opening leaves.

use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, Receipt, Session, Step,
    record_head::Access,
    staged::{Staged, Unit},
};
use crate::chain::{
    Fetched, Grant, Record, address,
    constants::{PERMIT_HISTORY, PERMIT_OPEN},
    instruction::{self, Actor},
};

impl Session {
    /// Writes the receipt of an opening, and opens nothing.
    pub async fn grant_open(
        &self,
        record: Pubkey,
        version: Option<u32>,
    ) -> Result<Receipt, FlowError> {
        self.staged("record", async |staged| {
            let record = self.record_account(record).await?;
            let version = wanted(&record, version)?;
            match self.access(&record).await? {
                Access::Owner => Ok(Receipt::default()),
                Access::Reader { grant, .. } => {
                    staged.send(self.receipt_unit(&record, &grant, version)?).await
                }
            }
        })
        .await
    }

    /// The receipt of an opening. The owner leaves none.
    pub(super) async fn receipt(
        &self,
        record: &Fetched<Record>,
        access: &Access,
        version: u32,
        staged: &mut Staged<'_>,
    ) -> Result<Receipt, FlowError> {
        let Access::Reader { grant, .. } = access else { return Ok(Receipt::default()) };
        self.watch().step(Step::Receipt);
        staged.send(self.receipt_unit(record, grant, version)?).await
    }

    fn receipt_unit(
        &self,
        record: &Fetched<Record>,
        grant: &Fetched<Grant>,
        version: u32,
    ) -> Result<Unit, FlowError> {
        let needed =
            if version < record.version { PERMIT_OPEN | PERMIT_HISTORY } else { PERMIT_OPEN };
        if grant.permissions & needed != needed {
            return Err(FlowError::HistoryNotPermitted);
        }
        let reader = Actor::owner(self.wallet_address(), self.profile()?);
        let instructions = vec![instruction::grant::open(&reader, grant.address, record, version)];
        Ok(Unit { instructions, ..Unit::default() })
    }

    /// By what right the acting profile opens a record: as its owner, or by a live grant on its folder or on itself.
    pub(super) async fn access(&self, record: &Fetched<Record>) -> Result<Access, FlowError> {
        let me = self.profile()?;
        if me == record.owner {
            return Ok(Access::Owner);
        }
        let mut at = [address::grant(&record.folder, &me), address::grant(&record.address, &me)];
        if record.epoch == 0 {
            // The folder's readers cannot open the owner's inbox; the record's own can.
            at.reverse();
        }
        let grants = self.chain().find_many::<Grant>(&at).await?;
        let now_secs = self.now_secs().await?;
        let mut refusal = FlowError::NoGrant { reader: me, record: record.address };
        for grant in grants.into_iter().flatten() {
            let on_record = grant.scope == record.address;
            if on_record && grant.scope_created_slot != record.meta.created_slot {
                continue;
            }
            if now_secs > grant.until_secs {
                refusal = FlowError::GrantEnded { until_secs: grant.until_secs };
            } else if now_secs < grant.from_secs {
                refusal = FlowError::GrantNotBegun { from_secs: grant.from_secs };
            } else {
                return Ok(Access::Reader { grant: Box::new(grant), on_record });
            }
        }
        Err(refusal)
    }
}

/// The version that is meant, which the record must have.
pub(super) fn wanted(record: &Fetched<Record>, version: Option<u32>) -> Result<u32, FlowError> {
    let version = version.unwrap_or(record.version);
    if version == 0 || version > record.version {
        return Err(FlowError::NoSuchVersion {
            record: record.address,
            version,
            current: record.version,
        });
    }
    Ok(version)
}
