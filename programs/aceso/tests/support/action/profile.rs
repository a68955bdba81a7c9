use aceso::{instruction as ix, instructions::*};
use anchor_lang::prelude::Pubkey;

use super::Person;
use crate::call;
use crate::support::{address, call::Call, world::SYSTEM};

pub fn profile_create(payer: Pubkey, authority: Pubkey, args: ProfileCreateArgs) -> Call {
    call!(
        ProfileCreate {
            payer: payer,
            authority: authority,
            config: address::config().0,
            profile: address::profile(&authority, &args.id).0,
            system_program: SYSTEM,
        },
        ix::ProfileCreate { args }
    )
}

pub fn profile_keys_rotate(person: Person, args: ProfileKeysRotateArgs) -> Call {
    call!(
        ProfileKeysRotate { authority: person.wallet, profile: person.profile },
        ix::ProfileKeysRotate { args }
    )
}

pub fn profile_authority_propose(person: Person, candidate: Pubkey) -> Call {
    call!(
        ProfileAuthorityPropose { authority: person.wallet, profile: person.profile },
        ix::ProfileAuthorityPropose { candidate }
    )
}

pub fn profile_authority_accept(
    candidate: Pubkey,
    profile: Pubkey,
    args: ProfileKeysRotateArgs,
) -> Call {
    call!(
        ProfileAuthorityAccept { candidate: candidate, profile: profile },
        ix::ProfileAuthorityAccept { args }
    )
}

pub fn profile_retire(person: Person) -> Call {
    call!(ProfileRetire { authority: person.wallet, profile: person.profile }, ix::ProfileRetire {})
}
