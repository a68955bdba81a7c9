//! What the commands do: one file for each verb, named noun first. They take their arguments and the [`App`], and print
//! their result; everything that knows chain or bytes is a flow of the sdk.

mod audit_archive;
mod audit_show;
mod audit_verify;
mod completions;
mod config_program;
mod config_set;
mod config_show;
mod contact_add;
mod contact_list;
mod contact_remove;
mod contact_verify;
mod delegate_add;
mod delegate_list;
mod delegate_remove;
mod doctor;
mod folder_close;
mod folder_create;
mod folder_list;
mod folder_rotate;
mod grant_create;
mod grant_expire;
mod grant_list;
mod grant_open;
mod grant_revoke;
mod grant_update;
mod init;
mod inspect;
mod keystore_export;
mod keystore_import;
mod lease_cancel;
mod lease_check;
mod lease_claim;
mod lease_extend;
mod lease_list;
mod lease_open;
mod lease_update;
mod man;
mod peer_list;
mod profile_authority_accept;
mod profile_authority_propose;
mod profile_create;
mod profile_keys_rotate;
mod profile_list;
mod profile_retire;
mod profile_show;
mod record_archive;
mod record_erase;
mod record_get;
mod record_health;
mod record_list;
mod record_move;
mod record_put;
mod record_repair;
mod record_show;
mod record_update;
mod record_verify;
mod request_approve;
mod request_cancel;
mod request_create;
mod request_deny;
mod request_expire;
mod request_list;
mod request_show;
mod seal;
mod unseal;
mod watch;

use std::{io, path::Path};

use aceso_sdk::file::{Input, Output};

use crate::{
    app::App,
    args::{
        Command, audit, config, contact, delegate, folder, grant, keystore, lease, peer, profile,
        record, request,
    },
    exit::Failure,
};

pub async fn run(app: App, command: Command) -> Result<(), Failure> {
    let app = &app;
    match &command {
        Command::Init(args) => init::run(app, args).await,
        Command::Keystore(verb) => match verb {
            keystore::Keystore::Export(args) => keystore_export::run(app, args),
            keystore::Keystore::Import(args) => keystore_import::run(app, args),
        },
        Command::Profile(verb) => match verb {
            profile::Profile::Create(args) => profile_create::run(app, args).await,
            profile::Profile::Show(args) => profile_show::run(app, args).await,
            profile::Profile::List => profile_list::run(app).await,
            profile::Profile::KeysRotate => profile_keys_rotate::run(app).await,
            profile::Profile::Authority(profile::ProfileAuthority::Propose(args)) => {
                profile_authority_propose::run(app, args).await
            }
            profile::Profile::Authority(profile::ProfileAuthority::Accept(args)) => {
                profile_authority_accept::run(app, args).await
            }
            profile::Profile::Retire => profile_retire::run(app).await,
        },
        Command::Contact(verb) => match verb {
            contact::Contact::Add(args) => contact_add::run(app, args).await,
            contact::Contact::List => contact_list::run(app).await,
            contact::Contact::Verify(args) => contact_verify::run(app, args).await,
            contact::Contact::Remove(args) => contact_remove::run(app, args).await,
        },
        Command::Folder(verb) => match verb {
            folder::Folder::Create(args) => folder_create::run(app, args).await,
            folder::Folder::List => folder_list::run(app).await,
            folder::Folder::Rotate(args) => folder_rotate::run(app, args).await,
            folder::Folder::Close(args) => folder_close::run(app, args).await,
        },
        Command::Record(verb) => match verb {
            record::Record::Put(args) => record_put::run(app, args).await,
            record::Record::List(args) => record_list::run(app, args).await,
            record::Record::Show(args) => record_show::run(app, args).await,
            record::Record::Get(args) => record_get::run(app, args).await,
            record::Record::Update(args) => record_update::run(app, args).await,
            record::Record::Move(args) => record_move::run(app, args).await,
            record::Record::Verify(args) => record_verify::run(app, args).await,
            record::Record::Health(args) => record_health::run(app, args).await,
            record::Record::Repair(args) => record_repair::run(app, args).await,
            record::Record::Archive(args) => record_archive::run(app, args, true).await,
            record::Record::Restore(args) => record_archive::run(app, args, false).await,
            record::Record::Erase(args) => record_erase::run(app, args).await,
        },
        Command::Grant(verb) => match verb {
            grant::Grant::Create(args) => grant_create::run(app, args).await,
            grant::Grant::List(args) => grant_list::run(app, args).await,
            grant::Grant::Update(args) => grant_update::run(app, args).await,
            grant::Grant::Revoke(args) => grant_revoke::run(app, args).await,
            grant::Grant::Open(args) => grant_open::run(app, args).await,
            grant::Grant::Expire(args) => grant_expire::run(app, args).await,
        },
        Command::Request(verb) => match verb {
            request::Request::Create(args) => request_create::run(app, args).await,
            request::Request::List(args) => request_list::run(app, args).await,
            request::Request::Show(args) => request_show::run(app, args).await,
            request::Request::Approve(args) => request_approve::run(app, args).await,
            request::Request::Deny(args) => request_deny::run(app, args).await,
            request::Request::Cancel(args) => request_cancel::run(app, args).await,
            request::Request::Expire(args) => request_expire::run(app, args).await,
        },
        Command::Peer(verb) => match verb {
            peer::Peer::List(args) => peer_list::run(app, args).await,
        },
        Command::Lease(verb) => match verb {
            lease::Lease::Open(args) => lease_open::run(app, args).await,
            lease::Lease::List(args) => lease_list::run(app, args).await,
            lease::Lease::Extend(args) => lease_extend::run(app, args).await,
            lease::Lease::Cancel(args) => lease_cancel::run(app, args).await,
            lease::Lease::Check(args) => lease_check::run(app, args).await,
            lease::Lease::Update(args) => lease_update::run(app, args).await,
            lease::Lease::Claim(args) => lease_claim::run(app, args).await,
        },
        Command::Delegate(verb) => match verb {
            delegate::Delegate::Add(args) => delegate_add::run(app, args).await,
            delegate::Delegate::List(args) => delegate_list::run(app, args).await,
            delegate::Delegate::Remove(args) => delegate_remove::run(app, args).await,
        },
        Command::Audit(verb) => match verb {
            audit::Audit::Show(args) => audit_show::run(app, args).await,
            audit::Audit::Archive(args) => audit_archive::run(app, args).await,
            audit::Audit::Verify(args) => audit_verify::run(app, args).await,
        },
        Command::Watch(args) => watch::run(app, args).await,
        Command::Config(verb) => match verb {
            config::Config::Show => config_show::run(app),
            config::Config::Set(args) => config_set::run(app, args),
            config::Config::Program(verb) => config_program::run(app, verb).await,
        },
        Command::Seal(args) => seal::run(app, args).await,
        Command::Unseal(args) => unseal::run(app, args).await,
        Command::Inspect(args) => inspect::run(app, args),
        Command::Doctor => doctor::run(app).await,
        Command::Completions(args) => completions::run(app, args),
        Command::Man(args) => man::run(app, args),
    }
}

/// A file to read, where `-` is standard input.
fn input(path: &Path) -> Result<Input, Failure> {
    if path.as_os_str() == "-" { Ok(Input::stdin()) } else { Ok(Input::file(path)?) }
}

/// A place to write to, where `-` is standard output.
fn output(path: &Path, replace: bool) -> Output {
    if path.as_os_str() == "-" {
        Output::Writer(Box::new(io::stdout()))
    } else {
        Output::File { path: path.to_owned(), replace }
    }
}
