use crate::{
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{Action, Entry, Folder, Grant, Profile, Record, ScopeKind},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct GrantOpenArgs {
    /// The version about to be opened.
    pub version: u32,
    /// The head in force, from which the reader takes the key.
    pub head_digest: [u8; 32],
}

/// Writes the receipt of an opening into the record's trail. Signer: the reader's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct GrantOpen<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub reader: AccountLoader<'info, Profile>,
    #[account(mut, has_one = reader @ AcesoError::WrongReader)]
    pub grant: AccountLoader<'info, Grant>,
    pub folder: AccountLoader<'info, Folder>,
    #[account(mut, has_one = folder @ AcesoError::WrongFolder)]
    pub record: AccountLoader<'info, Record>,
}

impl GrantOpen<'_> {
    // Not refused while a rotation is due: this reader's grant is live, and what it opens was sealed to it.
    pub fn handle(&self, args: GrantOpenArgs) -> Result<()> {
        let clock = Clock::get()?;
        self.reader.load()?.require_active()?;
        let mut grant = self.grant.load_mut()?;
        let mut record = self.record.load_mut()?;
        if grant.scope_kind == ScopeKind::Record as u8 {
            grant.require_scope(&self.record.key(), record.meta.created_slot)?;
        } else {
            grant.require_scope(&self.folder.key(), self.folder.load()?.meta.created_slot)?;
        }
        require!(args.head_digest == record.head_digest, AcesoError::RecordChanged);
        grant.open_receipt(args.version, record.version, clock.unix_timestamp)?;
        let entry = Entry {
            number: args.version,
            ..grant.entry(Action::RecordOpened, self.reader.key(), &clock)
        }
        .digest(record.head_digest);
        let link = record.append(self.record.key(), &entry)?;
        emit_audit(&self.event_authority, entry, [link])
    }
}
