use aceso::{instruction as ix, state::Settings};
use anchor_lang::prelude::Pubkey;

use crate::call;
use crate::support::{
    address,
    call::Call,
    world::{program_data_address, SYSTEM},
};

pub fn config_init(payer: Pubkey, admin: Pubkey, args: Settings) -> Call {
    call!(
        ConfigInit {
            payer: payer,
            admin: admin,
            config: address::config().0,
            program_data: program_data_address(),
            system_program: SYSTEM,
        },
        ix::ConfigInit { args }
    )
}

pub fn config_update(admin: Pubkey, args: Settings) -> Call {
    call!(ConfigUpdate { admin: admin, config: address::config().0 }, ix::ConfigUpdate { args })
}

pub fn config_pause(admin: Pubkey, flags: u32) -> Call {
    call!(ConfigPause { admin: admin, config: address::config().0 }, ix::ConfigPause { flags })
}

pub fn config_admin_propose(admin: Pubkey, candidate: Pubkey) -> Call {
    call!(
        ConfigAdminPropose { admin: admin, config: address::config().0 },
        ix::ConfigAdminPropose { candidate }
    )
}

pub fn config_admin_accept(candidate: Pubkey) -> Call {
    call!(
        ConfigAdminAccept { candidate: candidate, config: address::config().0 },
        ix::ConfigAdminAccept {}
    )
}

pub fn config_fees_withdraw(admin: Pubkey, receiver: Pubkey) -> Call {
    call!(
        ConfigFeesWithdraw { admin: admin, config: address::config().0, receiver: receiver },
        ix::ConfigFeesWithdraw {}
    )
}
