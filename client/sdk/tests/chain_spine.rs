//! Every kind of account and the way of a transaction, on a real local chain.

mod support;

use std::collections::HashSet;

use aceso_sdk::chain::{
    AcesoError, Ask, Chain, ChainError, Format, Instruction, Purpose, ScopeKind, Signer, Terms,
    Transaction, address,
    constants::{CAN_CREATE, NO_END, PERMIT_OPEN},
    instruction::{self, Actor, Scope, grant::NewGrant},
    pack, wire_len,
};
use solana_keypair::Keypair;
use support::{
    localnet::Localnet,
    people::{Person, SOL, blob, connect, content, fund, send, set_up},
};

fn terms() -> Terms {
    Terms {
        purpose: Purpose::Treatment as u8,
        permissions: PERMIT_OPEN,
        from_secs: 0,
        until_secs: NO_END,
    }
}

async fn refused(chain: &Chain, instructions: Vec<Instruction>, wallet: &Keypair) -> ChainError {
    chain.send(&Transaction::new(instructions, wallet, &[])).await.unwrap_err()
}

#[tokio::test]
async fn accounts_are_made_listed_and_closed() {
    let Some(net) = Localnet::start().await else { return };
    let chain = connect(&net.rpc_url).await;
    assert!(matches!(chain.config().await, Err(ChainError::ProgramMissing { .. })));
    set_up(&chain).await;
    assert_eq!(chain.config().await.unwrap().request_deposit_lamports, 1_000_000);
    let (patient, doctor) = (Person::new(&chain).await, Person::new(&chain).await);
    let record = patient.put(&chain).await;

    assert_eq!(
        chain.profiles_by_authority(&patient.wallet.pubkey()).await.unwrap()[0].address,
        patient.profile
    );
    assert_eq!(chain.folders_by_owner(&patient.profile).await.unwrap().len(), 1);
    for list in [
        chain.records_by_folder(&patient.folder).await,
        chain.records_by_owner(&patient.profile).await,
        chain.records_by_author(&patient.profile).await,
    ] {
        assert_eq!(list.unwrap(), [chain.fetch(&record.address).await.unwrap()]);
    }
    let wrong = chain.fetch::<aceso_sdk::chain::Folder>(&record.address).await;
    assert!(matches!(wrong, Err(ChainError::AccountWrong { .. })));

    // A grant on the folder, one on the record, the receipt of an opening, and the end of both.
    let pay = patient.wallet.pubkey();
    let (folder, reader) = (patient.folder(&chain).await, doctor.profile(&chain).await);
    let new = NewGrant::Folder { folder: &folder, keyring: blob(5) };
    let create = instruction::grant::create(pay, &patient.actor, &new, &reader, terms());
    send(&chain, vec![create.clone()], &patient.wallet).await;
    let again = refused(&chain, vec![create], &patient.wallet).await;
    assert!(again.is_stale_state(), "{again}");
    let new = NewGrant::Record {
        record: &record,
        head: blob(6),
        sealed_to: instruction::sealed_to_inbox(&*patient.profile(&chain).await),
    };
    send(
        &chain,
        vec![instruction::grant::create(pay, &patient.actor, &new, &reader, terms())],
        &patient.wallet,
    )
    .await;
    assert_eq!(chain.grants_by_reader(&doctor.profile).await.unwrap().len(), 2);
    assert_eq!(chain.grants_by_owner(&patient.profile).await.unwrap().len(), 2);
    let granted = chain.grants_by_scope(&record.address).await.unwrap();
    let record = chain.fetch(&record.address).await.unwrap();
    let open = instruction::grant::open(&doctor.actor, granted[0].address, &record, 1);
    let opened = send(&chain, vec![open], &doctor.wallet).await;
    println!("grant open: {} CU, {} bytes", opened.compute_units, opened.wire_len);
    for grant in chain.grants_by_reader(&doctor.profile).await.unwrap() {
        let (folder, record) =
            (patient.folder(&chain).await, chain.fetch(&record.address).await.unwrap());
        let scope = if grant.scope == folder.address {
            Scope::Folder(&folder)
        } else {
            Scope::Record(&record)
        };
        let update = instruction::grant::update(
            &patient.actor,
            scope,
            &doctor.profile,
            Terms { permissions: 3, ..terms() },
        );
        let revoke = instruction::grant::revoke(&patient.actor, scope, &grant);
        send(&chain, vec![update, revoke], &patient.wallet).await;
    }
    assert!(chain.grants_by_reader(&doctor.profile).await.unwrap().is_empty());

    // The reader has left: the epoch takes no new head before a rotation.
    let folder = patient.folder(&chain).await;
    let (_, late) = patient.new_record(&folder);
    let late = refused(&chain, vec![late], &patient.wallet).await;
    assert!(matches!(late, ChainError::Program(AcesoError::FolderRotateDue)), "{late}");
    assert_eq!(late.to_string(), AcesoError::FolderRotateDue.to_string());
    send(
        &chain,
        vec![instruction::folder::rotate(&patient.actor, &folder, blob(7), NO_END)],
        &patient.wallet,
    )
    .await;

    // A laboratory files as a delegate, and updates what it filed; nobody else may.
    let lab = Person::new(&chain).await;
    let owner = patient.profile(&chain).await;
    let add = instruction::delegate::add(pay, &owner, lab.profile, None, CAN_CREATE, NO_END);
    send(&chain, vec![add], &patient.wallet).await;
    assert_eq!(chain.delegates_by_owner(&patient.profile).await.unwrap().len(), 1);
    let delegation = chain.delegates_by_profile(&lab.profile).await.unwrap().remove(0);
    let (id, filed) = address::new_record(&patient.profile).unwrap();
    let new = instruction::record::NewRecord {
        owner: patient.profile,
        folder: patient.folder,
        id,
        content: content(),
        head: blob(8),
        sealed_to: instruction::sealed_to_inbox(&owner),
    };
    let as_lab = Actor::delegate(lab.wallet.pubkey(), lab.profile, &patient.profile);
    send(
        &chain,
        vec![instruction::record::create(lab.wallet.pubkey(), &as_lab, &new)],
        &lab.wallet,
    )
    .await;
    let filed = chain.fetch::<aceso_sdk::chain::Record>(&filed).await.unwrap();
    assert_eq!(filed.author, lab.profile);
    let as_doctor = Actor::owner(doctor.wallet.pubkey(), doctor.profile);
    let update = instruction::record::update(&as_doctor, &filed, content(), blob(9), new.sealed_to);
    let stranger = refused(&chain, vec![update], &doctor.wallet).await;
    assert!(matches!(stranger, ChainError::Program(AcesoError::NotOwner)), "{stranger}");
    let update = instruction::record::update(&as_lab, &filed, content(), blob(9), new.sealed_to);
    send(&chain, vec![update, instruction::delegate::remove(&as_lab, &delegation)], &lab.wallet)
        .await;

    // Move, archive, restore, erase, close.
    let (id, second) = address::new_folder(&patient.profile).unwrap();
    send(
        &chain,
        vec![instruction::folder::create(pay, &patient.actor, id, blob(10))],
        &patient.wallet,
    )
    .await;
    let filed = chain.fetch(&filed.address).await.unwrap();
    let head = blob(11);
    let owner = patient.profile(&chain).await;
    let move_to = instruction::record::move_to(
        &patient.actor,
        &filed,
        second,
        head,
        instruction::sealed_to_inbox(&owner),
    );
    send(&chain, vec![move_to], &patient.wallet).await;
    let moved = chain.fetch(&filed.address).await.unwrap();
    let archive = |on| instruction::record::archive(&patient.actor, &moved, on);
    let mut reseal = moved;
    reseal.account.head_digest = moved.head_digest;
    let reseal = instruction::record::reseal(
        &patient.actor,
        &reseal,
        blob(12),
        instruction::sealed_to_inbox(&owner),
    );
    send(&chain, vec![archive(true), archive(false), reseal], &patient.wallet).await;
    let moved = chain.fetch(&filed.address).await.unwrap();
    let second = chain.fetch(&second).await.unwrap();
    let end = vec![
        instruction::record::erase(&patient.actor, &moved),
        instruction::folder::close(&patient.actor, &second),
    ];
    send(&chain, end, &patient.wallet).await;
    let gone = chain.fetch::<aceso_sdk::chain::Record>(&moved.address).await;
    assert!(matches!(gone, Err(ChainError::AccountMissing { kind: "record", .. })), "{gone:?}");

    // A request, answered, denied and taken back.
    let ask = Ask {
        scope_kind: ScopeKind::Folder,
        scope: patient.folder,
        purpose: Purpose::Treatment as u8,
        permissions: PERMIT_OPEN,
        duration_secs: 3600,
        reason: blob(13),
        ttl_secs: 24 * 3600,
        deposit_lamports: 1_000_000,
    };
    let mut requests = Vec::new();
    for _ in 0..3 {
        let (id, request) = address::new_request(&patient.profile, &doctor.profile).unwrap();
        let create = instruction::request::create(
            doctor.wallet.pubkey(),
            &doctor.actor,
            patient.profile,
            id,
            ask,
        );
        send(&chain, vec![create], &doctor.wallet).await;
        requests.push(chain.fetch(&request).await.unwrap());
    }
    assert_eq!(chain.requests_by_owner(&patient.profile).await.unwrap().len(), 3);
    assert_eq!(chain.requests_by_requester(&doctor.profile).await.unwrap().len(), 3);
    let folder = patient.folder(&chain).await;
    let new = NewGrant::Folder { folder: &folder, keyring: blob(14) };
    let until_secs = chain.rpc.time().await.unwrap().unix_secs + 1000;
    let short = Terms { until_secs, ..terms() };
    let approve =
        instruction::request::approve(pay, &patient.actor, &requests[0], &new, &reader, short);
    let deny = instruction::request::deny(&patient.actor, &requests[1]);
    send(&chain, vec![approve, deny], &patient.wallet).await;
    send(&chain, vec![instruction::request::cancel(&doctor.actor, &requests[2])], &doctor.wallet)
        .await;
    assert!(chain.requests_by_owner(&patient.profile).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_records_fit_into_one_transaction() {
    let Some(net) = Localnet::start().await else { return };
    let chain = connect(&net.rpc_url).await;
    set_up(&chain).await;
    let patient = Person::new(&chain).await;
    let folder = patient.folder(&chain).await;
    let pay = patient.wallet.pubkey();
    let made: Vec<_> = (0..45).map(|_| patient.new_record(&folder)).collect();
    let addresses: HashSet<_> = made.iter().map(|(address, _)| *address).collect();
    let units: Vec<Vec<Instruction>> = made.into_iter().map(|(_, create)| vec![create]).collect();
    let in_v0 = (1..=units.len())
        .take_while(|count| {
            wire_len(Format::V0, &units[..*count].concat(), &pay) <= aceso_sdk::chain::MAX_V0_LEN
        })
        .count();
    let packed = pack(units, &pay).unwrap();
    println!("records in a v0 transaction: {in_v0}; in a v1 transaction: {}", packed[0].len());
    assert!(packed[0].len() >= 5);
    for instructions in packed {
        let (count, len) = (
            instructions.len(),
            wire_len(Format::of(&instructions, &pay).unwrap(), &instructions, &pay),
        );
        let sent = send(&chain, instructions, &patient.wallet).await;
        println!(
            "{count} records: {} bytes (at most {len}), {} CU, {} lamports",
            sent.wire_len, sent.compute_units, sent.fee_lamports
        );
        assert!(sent.wire_len <= len);
    }
    let found = chain.records_by_folder(&patient.folder).await.unwrap();
    assert_eq!(found.iter().map(|record| record.address).collect::<HashSet<_>>(), addresses);
}

#[tokio::test]
async fn a_sponsor_pays_and_an_empty_wallet_is_named() {
    let Some(net) = Localnet::start().await else { return };
    let chain = connect(&net.rpc_url).await;
    set_up(&chain).await;
    let (poor, sponsor) = (Keypair::new(), Keypair::new());
    let (id, profile) = address::new_profile(&poor.pubkey()).unwrap();
    let create = |payer| instruction::profile::create(payer, poor.pubkey(), id, blob(1));
    let nothing = refused(&chain, vec![create(poor.pubkey())], &poor).await;
    let named = matches!(nothing, ChainError::WalletWithoutSol { address, needed_lamports, .. }
        if address == poor.pubkey() && needed_lamports > 0);
    assert!(named, "{nothing}");
    fund(&chain, &poor.pubkey(), 1_000_000).await;
    let too_little = refused(&chain, vec![create(poor.pubkey())], &poor).await;
    println!("{too_little}");
    assert!(
        matches!(too_little, ChainError::WalletWithoutSol { needed_lamports, .. } if needed_lamports > 1_000_000),
        "{too_little}"
    );

    fund(&chain, &sponsor.pubkey(), SOL).await;
    let instructions = vec![create(sponsor.pubkey())];
    let unsigned = chain.send(&Transaction::new(instructions.clone(), &sponsor, &[])).await;
    assert!(
        matches!(unsigned, Err(ChainError::SignerMissing { address }) if address == poor.pubkey())
    );
    chain.send(&Transaction::new(instructions, &sponsor, &[&poor])).await.unwrap();
    assert_eq!(
        chain.fetch::<aceso_sdk::chain::Profile>(&profile).await.unwrap().meta.payer,
        sponsor.pubkey()
    );
}
