//! A call for each instruction, from the people and accounts that it is about.

use aceso::{accounts::Acting, instruction as ix, instructions::*, state::Settings};
use anchor_lang::prelude::Pubkey;

use super::{
    address,
    call::Call,
    world::{program_data_address, SYSTEM},
};
use crate::call;

/// A profile and the wallet that signs for it.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub wallet: Pubkey,
    pub profile: Pubkey,
}

impl Person {
    /// Acts for itself.
    pub fn acting(&self) -> Acting {
        Acting { authority: self.wallet, actor: self.profile, delegate: None, actor_grant: None }
    }

    /// Acts as a delegate, with its own grant where the folder's key is needed.
    pub fn acting_by(&self, delegate: Pubkey, actor_grant: Option<Pubkey>) -> Acting {
        Acting { delegate: Some(delegate), actor_grant, ..self.acting() }
    }
}

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

pub fn delegate_add(
    payer: Pubkey,
    owner: Person,
    profile: Pubkey,
    folder: Option<Pubkey>,
    args: DelegateAddArgs,
) -> Call {
    call!(
        DelegateAdd {
            payer: payer,
            authority: owner.wallet,
            owner: owner.profile,
            profile: profile,
            folder: folder,
            delegate: address::delegate(&owner.profile, &profile).0,
            system_program: SYSTEM,
        },
        ix::DelegateAdd { args }
    )
}

pub fn delegate_remove(
    actor: Person,
    owner: Pubkey,
    profile: Pubkey,
    folder: Option<Pubkey>,
    rent_payer: Pubkey,
) -> Call {
    call!(
        DelegateRemove {
            authority: actor.wallet,
            actor: actor.profile,
            delegate: address::delegate(&owner, &profile).0,
            owner: owner,
            folder: folder,
            rent_payer: rent_payer,
        },
        ix::DelegateRemove {}
    )
}

pub fn folder_create(payer: Pubkey, owner: Person, args: FolderCreateArgs) -> Call {
    call!(
        FolderCreate {
            payer: payer,
            authority: owner.wallet,
            owner: owner.profile,
            config: address::config().0,
            folder: address::folder(&owner.profile, &args.id).0,
            system_program: SYSTEM,
        },
        ix::FolderCreate { args }
    )
}

pub fn folder_rotate(acting: Acting, folder: Pubkey, args: FolderRotateArgs) -> Call {
    call!(FolderRotate { acting: acting, folder: folder }, ix::FolderRotate { args })
}

pub fn folder_close(owner: Person, folder: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        FolderClose {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            rent_payer: rent_payer,
        },
        ix::FolderClose {}
    )
}

pub fn record_create(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    args: RecordCreateArgs,
) -> Call {
    call!(
        RecordCreate {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: address::record(&owner, &args.id).0,
            system_program: SYSTEM,
        },
        ix::RecordCreate { args }
    )
}

pub fn record_update(
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: RecordUpdateArgs,
) -> Call {
    call!(
        RecordUpdate {
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
        },
        ix::RecordUpdate { args }
    )
}

pub fn record_reseal(
    acting: Acting,
    owner: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: RecordResealArgs,
) -> Call {
    call!(
        RecordReseal { acting: acting, owner: owner, folder: folder, record: record },
        ix::RecordReseal { args }
    )
}

pub fn record_move(
    owner: Person,
    folder: Pubkey,
    to_folder: Pubkey,
    record: Pubkey,
    args: RecordMoveArgs,
) -> Call {
    call!(
        RecordMove {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            to_folder: to_folder,
            record: record,
        },
        ix::RecordMove { args }
    )
}

pub fn record_archive(owner: Person, record: Pubkey, archived: bool) -> Call {
    call!(
        RecordArchive { authority: owner.wallet, owner: owner.profile, record: record },
        ix::RecordArchive { archived }
    )
}

pub fn record_erase(
    owner: Person,
    folder: Pubkey,
    record: Pubkey,
    rent_payer: Pubkey,
    args: RecordEraseArgs,
) -> Call {
    call!(
        RecordErase {
            authority: owner.wallet,
            owner: owner.profile,
            folder: folder,
            record: record,
            rent_payer: rent_payer,
        },
        ix::RecordErase { args }
    )
}

pub fn grant_create(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    (folder, record): (Pubkey, Option<Pubkey>),
    reader: Pubkey,
    args: GrantCreateArgs,
) -> Call {
    call!(
        GrantCreate {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
            reader: reader,
            grant: address::grant(&args.scope, &reader).0,
            system_program: SYSTEM,
        },
        ix::GrantCreate { args }
    )
}

pub fn grant_update(
    acting: Acting,
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    args: GrantUpdateArgs,
) -> Call {
    call!(
        GrantUpdate { acting: acting, folder: folder, record: record, grant: grant },
        ix::GrantUpdate { args }
    )
}

pub fn grant_revoke(
    acting: Acting,
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    rent_payer: Pubkey,
) -> Call {
    call!(
        GrantRevoke {
            acting: acting,
            folder: folder,
            record: record,
            grant: grant,
            rent_payer: rent_payer,
        },
        ix::GrantRevoke {}
    )
}

pub fn grant_open(
    reader: Person,
    grant: Pubkey,
    folder: Pubkey,
    record: Pubkey,
    args: GrantOpenArgs,
) -> Call {
    call!(
        GrantOpen {
            authority: reader.wallet,
            reader: reader.profile,
            grant: grant,
            folder: folder,
            record: record,
        },
        ix::GrantOpen { args }
    )
}

pub fn grant_expire(
    (folder, record): (Pubkey, Option<Pubkey>),
    grant: Pubkey,
    rent_payer: Pubkey,
) -> Call {
    call!(
        GrantExpire { folder: folder, record: record, grant: grant, rent_payer: rent_payer },
        ix::GrantExpire {}
    )
}

pub fn request_create(
    payer: Pubkey,
    requester: Person,
    owner: Pubkey,
    args: RequestCreateArgs,
) -> Call {
    call!(
        RequestCreate {
            payer: payer,
            authority: requester.wallet,
            requester: requester.profile,
            owner: owner,
            config: address::config().0,
            request: address::request(&owner, &requester.profile, &args.id).0,
            system_program: SYSTEM,
        },
        ix::RequestCreate { args }
    )
}

#[allow(clippy::too_many_arguments, reason = "the accounts of the instruction")]
pub fn request_approve(
    payer: Pubkey,
    acting: Acting,
    owner: Pubkey,
    (folder, record): (Pubkey, Option<Pubkey>),
    requester: Pubkey,
    request: Pubkey,
    rent_payer: Pubkey,
    args: GrantCreateArgs,
) -> Call {
    call!(
        RequestApprove {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: owner,
            folder: folder,
            record: record,
            requester: requester,
            grant: address::grant(&args.scope, &requester).0,
            request: request,
            rent_payer: rent_payer,
            system_program: SYSTEM,
        },
        ix::RequestApprove { args }
    )
}

pub fn request_deny(acting: Acting, request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestDeny { acting: acting, request: request, rent_payer: rent_payer },
        ix::RequestDeny {}
    )
}

pub fn request_cancel(requester: Person, request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestCancel {
            authority: requester.wallet,
            requester: requester.profile,
            request: request,
            rent_payer: rent_payer,
        },
        ix::RequestCancel {}
    )
}

pub fn request_expire(request: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        RequestExpire { config: address::config().0, request: request, rent_payer: rent_payer },
        ix::RequestExpire {}
    )
}

pub fn account_migrate(payer: Pubkey, account: Pubkey) -> Call {
    let accounts = aceso::accounts::AccountMigrate { payer, account, system_program: SYSTEM };
    let metas = anchor_lang::ToAccountMetas::to_account_metas(&accounts, None);
    let data = anchor_lang::InstructionData::data(&ix::AccountMigrate {});
    Call::silent(["payer", "account", "system_program"], metas, data)
}
