use aceso::{
    instructions::SpotAnswerArgs,
    state::{Lease, Peer},
};
use aceso_format::BlobAddress;
use aceso_sdk::chain::{
    ChainError, Instruction, Pubkey,
    instruction::{beacon, lease, lease_end, proof, spot},
};

use super::Engine;
use crate::{
    chain::{Sight, payout, reason},
    duty::{Duty, in_force, pending},
    holdings::HoldError,
    storage::hex,
};

/// What came of a duty.
#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    /// The program says that it is done already, or not due any more: by somebody else, or by us before a restart.
    Refused(String),
    Failed(String),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum DutyError {
    #[error("{}", reason(.0))]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// Not now, and nobody is to blame.
    #[error("{0}")]
    NotNow(&'static str),
    #[error("{0}")]
    Lost(String),
}

impl DutyError {
    fn outcome(self) -> Outcome {
        let why = self.to_string();
        match self {
            Self::Chain(
                ChainError::Program(_)
                | ChainError::Framework { .. }
                | ChainError::AccountMissing { .. },
            )
            | Self::NotNow(_) => Outcome::Refused(why),
            _ => Outcome::Failed(why),
        }
    }
}

impl Engine {
    pub(super) async fn execute(&mut self, sight: &Sight, duty: &Duty) -> Outcome {
        match self.carry_out(sight, duty).await {
            Ok(()) => Outcome::Done,
            Err(error) => {
                if matches!(error, DutyError::Chain(ChainError::WalletWithoutSol { .. })) {
                    self.balance_at = None;
                }
                error.outcome()
            }
        }
    }

    pub(super) fn note(&mut self, duty: &Duty, outcome: Outcome) {
        let name = duty.name();
        let metrics = &self.service.metrics;
        match outcome {
            Outcome::Done => {
                metrics.duty(name, "done");
                self.tries.succeeded(duty);
                tracing::info!(duty = name, detail = ?duty, "done");
            }
            Outcome::Refused(why) => {
                metrics.duty(name, "refused");
                tracing::debug!(duty = name, detail = ?duty, why, "refused");
                self.tries.failed(duty, why);
            }
            Outcome::Failed(why) => {
                metrics.duty(name, "failed");
                let times = self.tries.failed(duty, why.clone());
                tracing::error!(duty = name, detail = ?duty, why, times, "failed; tried again");
            }
        }
    }

    async fn carry_out(&mut self, sight: &Sight, duty: &Duty) -> Result<(), DutyError> {
        match duty {
            Duty::Prove { challenges, .. } => return self.prove(sight, challenges).await,
            Duty::Delete { object } => return self.delete(sight, object).await,
            Duty::AnswerSpot { lease, leaf, .. } => {
                return self.answer_spot(lease, *leaf).await;
            }
            _ => {}
        }
        let instruction = match duty {
            Duty::Arm => beacon::arm(),
            Duty::Rearm => beacon::rearm(),
            Duty::Draw => beacon::draw(),
            Duty::Accept { lease } => self.accept(lease).await?,
            Duty::AcceptAmendment { lease } => self.accept_amendment(lease).await?,
            Duty::Decline { lease: at, why } => {
                tracing::info!(lease = %at, ?why, "an offer goes back");
                let found = self.chain.fetch::<Lease>(at).await?;
                lease::decline(self.sender.operator(), &found)
            }
            Duty::End { lease } => {
                let instructions = self.end(sight, lease).await?;
                self.sender.send(instructions).await?;
                return Ok(());
            }
            Duty::Close { lease: at } => lease_end::close(&self.chain.fetch::<Lease>(at).await?),
            Duty::Apply { leases } => proof::set_apply(&sight.peer.address, leases),
            Duty::Settle { leases } => self.settle(sight, leases).await?,
            Duty::Prove { .. } | Duty::Delete { .. } | Duty::AnswerSpot { .. } => return Ok(()),
        };
        self.sender.send(vec![instruction]).await?;
        Ok(())
    }

    /// Looks once more before it signs: for what is signed here, tokens are locked.
    async fn accept(&self, at: &Pubkey) -> Result<Instruction, DutyError> {
        let found = self.chain.fetch::<Lease>(at).await?;
        if !self.service.holdings.holds(&in_force(&found))? {
            return Err(DutyError::NotNow("the bytes of the offer are not here"));
        }
        Ok(lease::accept(self.sender.fee_payer(), self.sender.operator(), &found))
    }

    async fn accept_amendment(&self, at: &Pubkey) -> Result<Instruction, DutyError> {
        let found = self.chain.fetch::<Lease>(at).await?;
        let next = pending(&found).ok_or(DutyError::NotNow("the amendment was taken back"))?;
        if !self.service.holdings.holds(&next)? {
            return Err(DutyError::NotNow("the bytes of the amendment are not here"));
        }
        Ok(lease::amend_accept(self.sender.operator(), &found))
    }

    async fn settle(&self, sight: &Sight, leases: &[Pubkey]) -> Result<Instruction, DutyError> {
        let peer = self.chain.fetch::<Peer>(&sight.peer.address).await?;
        let payout = payout(&self.chain, &peer).await?;
        Ok(proof::settle(&peer, leases, payout))
    }

    /// An end books what its lease has earned; it may be the last, so it is paid out along with it.
    async fn end(&self, sight: &Sight, at: &Pubkey) -> Result<Vec<Instruction>, DutyError> {
        let peer = self.chain.fetch::<Peer>(&sight.peer.address).await?;
        let mut all = vec![lease_end::end(&self.chain.fetch::<Lease>(at).await?)];
        if let Some(payout) = payout(&self.chain, &peer).await? {
            all.push(proof::settle(&peer, &[], Some(payout)));
        }
        Ok(all)
    }

    async fn answer_spot(&mut self, at: &Pubkey, leaf: u64) -> Result<(), DutyError> {
        let found = self.chain.fetch::<Lease>(at).await?;
        let leased = in_force(&found);
        let proven = match self.service.holdings.prove(&leased, leaf).await {
            Ok(proven) => proven,
            Err(error) => {
                self.tell_damaged(&leased.address.digest);
                return Err(error.into());
            }
        };
        let args = SpotAnswerArgs { leaf: proven.leaf, path: proven.path };
        let answer = spot::answer(&found, self.sender.fee_payer(), args);
        self.sender.send(vec![answer]).await?;
        Ok(())
    }

    /// Bytes are deleted only while every lease is known, by the word of both nodes where there are two.
    async fn delete(&self, sight: &Sight, object: &BlobAddress) -> Result<(), DutyError> {
        if !sight.complete {
            return Err(DutyError::NotNow("not all leases are known"));
        }
        let peer = self.chain.account_confirmed::<Peer>(&sight.peer.address).await?;
        let holdings = &self.service.holdings;
        let needed = !holdings.index.leases_of(&object.digest).map_err(HoldError::from)?.is_empty();
        if needed || peer.leases as usize != sight.leases.len() {
            return Err(DutyError::NotNow("leases have changed since the look"));
        }
        holdings.forget(object).await?;
        tracing::info!(
            object = hex(&object.digest),
            bytes = object.len,
            "deleted: no lease needs it"
        );
        Ok(())
    }

    pub(super) fn tell_damaged(&self, digest: &[u8; 32]) {
        // Full: those before it are looked into already, and the next challenge tells it again.
        let _ = self.damaged.try_send(*digest);
    }
}
