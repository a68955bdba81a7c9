use crate::{
    constants::SEED_PEER,
    error::AcesoError,
    prelude::*,
    state::Peer,
    token::{self, Transfer},
};

/// A peer's vault, and what moving tokens into and out of it takes.
#[derive(Accounts)]
pub struct Till<'info> {
    /// CHECK: compared with the vault that the peer names.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: compared with the mint that the peer names.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: compared with the program that the peer names.
    pub token_program: UncheckedAccount<'info>,
}

impl<'info> Till<'info> {
    pub fn require_of(&self, peer: &Peer) -> Result<()> {
        require_keys_eq!(self.vault.key(), peer.vault, AcesoError::WrongVault);
        require_keys_eq!(self.mint.key(), peer.mint, AcesoError::WrongMint);
        require_keys_eq!(
            self.token_program.key(),
            peer.token_program,
            AcesoError::WrongTokenProgram
        );
        Ok(())
    }

    /// Into the vault, signed for by `authority`, as the token program checks. The books are the caller's.
    #[inline(never)]
    pub fn pay_in(
        &self,
        peer: &AccountLoader<Peer>,
        source: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        amount: u64,
    ) -> Result<()> {
        self.require_of(&*peer.load()?)?;
        require_keys_neq!(*source.key, self.vault.key(), AcesoError::VaultToItself);
        self.transfer(source, &self.vault, authority).run(amount, &[])
    }

    /// Out of the vault. The books are the caller's, who has taken the amount off them before: afterwards the vault must
    /// still hold all that they say.
    #[inline(never)]
    pub fn pay_out(
        &self,
        peer: &AccountLoader<'info, Peer>,
        destination: &AccountInfo<'info>,
        amount: u64,
    ) -> Result<()> {
        let (books, profile, bump) = {
            let peer = peer.load()?;
            self.require_of(&peer)?;
            (peer.books()?, peer.profile, peer.meta.bump)
        };
        // Nothing would move, and what left the books would be the peer's in the end.
        require_keys_neq!(*destination.key, self.vault.key(), AcesoError::VaultToItself);
        let seeds: &[&[u8]] = &[SEED_PEER, profile.as_ref(), &[bump]];
        self.transfer(&self.vault, destination, peer.as_ref()).run(amount, seeds)?;
        require!(self.holds()? >= books, AcesoError::VaultShort);
        Ok(())
    }

    /// What lies in the vault: the books' tokens, and whatever else somebody sent there.
    pub fn holds(&self) -> Result<u64> {
        Ok(token::account(&self.vault, self.token_program.key)?.amount)
    }

    /// Refuses unless `account` holds tokens of the peer's mint for that wallet.
    pub fn require_held_by(&self, account: &AccountInfo, wallet: &Pubkey) -> Result<()> {
        let account = token::account(account, self.token_program.key)?;
        require_keys_eq!(account.mint, self.mint.key(), AcesoError::WrongTokenAccount);
        require_keys_eq!(account.owner, *wallet, AcesoError::WrongTokenOwner);
        Ok(())
    }

    fn transfer<'a>(
        &'a self,
        from: &'a AccountInfo<'info>,
        to: &'a AccountInfo<'info>,
        authority: &'a AccountInfo<'info>,
    ) -> Transfer<'a, 'info> {
        Transfer { token_program: &self.token_program, from, mint: &self.mint, to, authority }
    }
}
