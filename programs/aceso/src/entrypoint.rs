//! Where the VM enters the program. Anchor's own entrypoint keeps the accounts in a vector and drops each of them at the
//! end, though the memory ends with the call; this one does neither, which saves some 25 compute units an account.

use anchor_lang::{
    prelude::*,
    solana_program::entrypoint::{entrypoint_no_alloc, ProgramResult},
};

// At most 64 accounts: no instruction takes half as many.
entrypoint_no_alloc!(enter);

fn enter<'a>(
    program_id: &'a Pubkey,
    accounts: &'a [AccountInfo<'_>],
    data: &'a [u8],
) -> ProgramResult {
    // SAFETY: Anchor asks for one lifetime of the list and of what is in it. The inner one is only made shorter, to that of
    // the list, and no longer-lived view of the list is used while the program runs.
    let accounts =
        unsafe { core::mem::transmute::<&'a [AccountInfo<'_>], &'a [AccountInfo<'a>]>(accounts) };
    crate::entry(program_id, accounts, data)
}
