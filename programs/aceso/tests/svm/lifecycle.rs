//! Several instructions in one transaction, and several transactions in a row: what single calls do not show.

use aceso::{constants::*, error::AcesoError, instructions::*, state::*};
use anchor_lang::{error::ErrorCode, prelude::Pubkey};

use crate::support::{
    action, address,
    call::Call,
    clinic::Clinic,
    refusal::Cause,
    sample::{blob, content, digest, id, terms, DAY_SECS},
};

fn together(clinic: &mut Clinic, calls: &[&Call]) -> Result<(), Cause> {
    let instructions: Vec<_> = calls.iter().map(|call| call.instruction()).collect();
    clinic.world.send(&instructions).map(|_| ()).map_err(|refusal| refusal.cause)
}

fn file(clinic: &Clinic, name: &str) -> Call {
    let args = RecordCreateArgs {
        id: id(name),
        content: content(name),
        head: blob(name),
        sealed_to: clinic.epoch_of(&clinic.chart),
    };
    let acting = clinic.owner_acting();
    action::record_create(clinic.sponsor, acting, clinic.patient.profile, clinic.chart, args)
}

#[test]
fn an_account_closed_in_a_transaction_can_be_made_anew_in_it_and_starts_from_nothing() {
    let mut clinic = Clinic::new();
    let Clinic { patient, sponsor, chart, .. } = clinic;
    let create = file(&clinic, "fleeting");
    let record = create.key("record");
    let args = RecordEraseArgs { version: 1, head_digest: digest("fleeting") };
    let erase = action::record_erase(patient, chart, record, sponsor, args);
    let before = clinic.world.lamports(&sponsor);
    together(&mut clinic, &[&create, &erase, &create]).expect("create, erase, create");
    assert_eq!(before - clinic.world.lamports(&sponsor), clinic.world.rent(Record::SPACE));
    let state = clinic.world.state::<Record>(&record);
    assert_eq!((state.version, state.audit_count), (1, 1));
    assert_eq!(clinic.world.state::<Folder>(&chart).audit_count, 1 + 2 + 2 + 3);
}

#[test]
fn a_grant_closed_in_a_transaction_opens_nothing_afterwards() {
    let mut clinic = Clinic::new();
    let Clinic { doctor, doctor_grant, chart, ecg, sponsor, .. } = clinic;
    let revoke = action::grant_revoke(clinic.owner_acting(), (chart, None), doctor_grant, sponsor);
    let args = GrantOpenArgs { version: 1, head_digest: digest("ecg head") };
    let open = action::grant_open(doctor, doctor_grant, chart, ecg, args);
    let refused = together(&mut clinic, &[&revoke, &open]);
    assert_eq!(refused, Err(ErrorCode::AccountOwnedByWrongProgram.into()));
    together(&mut clinic, &[&open, &revoke]).expect("the other way round");
}

#[test]
fn a_revived_account_is_not_taken_for_what_it_was() {
    let mut clinic = Clinic::new();
    let Clinic { doctor_grant, chart, sponsor, .. } = clinic;
    let revoke = action::grant_revoke(clinic.owner_acting(), (chart, None), doctor_grant, sponsor);
    // Lamports sent to the closed address in the same transaction keep it alive, empty.
    let mut revive = revoke.instruction();
    revive.program_id = crate::support::world::SYSTEM;
    revive.accounts = vec![
        anchor_lang::prelude::AccountMeta::new(sponsor, true),
        anchor_lang::prelude::AccountMeta::new(doctor_grant, false),
    ];
    revive.data = [&2u32.to_le_bytes()[..], &5_000_000u64.to_le_bytes()].concat();
    clinic.world.send(&[revoke.instruction(), revive]).expect("it is revived");
    let account = clinic.world.account(&doctor_grant).expect("it holds lamports");
    assert_eq!((account.data.len(), account.owner), (0, crate::support::world::SYSTEM));
    let again = clinic.send(&revoke).map_err(|refusal| refusal.cause);
    assert_eq!(again, Err(ErrorCode::AccountOwnedByWrongProgram.into()));
}

#[test]
fn a_delegation_outlives_its_folder_but_gives_no_right_over_the_next_one_at_its_address() {
    let mut clinic = Clinic::new();
    let Clinic { patient, doctor, sponsor, .. } = clinic;
    let create = action::folder_create(
        sponsor,
        patient,
        FolderCreateArgs { id: id("twice"), keyring: blob("twice") },
    );
    let folder = create.key("folder");
    clinic.must(create.clone());
    let args = DelegateAddArgs { capabilities: CAN_ALL, until_secs: NO_END };
    clinic.must(action::delegate_add(sponsor, patient, doctor.profile, Some(folder), args));
    clinic.must(action::folder_close(patient, folder, sponsor));
    clinic.world.wait(60);
    clinic.must(create);
    let role = address::delegate(&patient.profile, &doctor.profile).0;
    let args = RecordCreateArgs {
        id: id("x"),
        content: content("x"),
        head: blob("x"),
        sealed_to: clinic.inbox_of(&patient),
    };
    let acting = doctor.acting_by(role, None);
    let filed = action::record_create(sponsor, acting, patient.profile, folder, args);
    let refused = clinic.send(&filed).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::WrongDelegate.into()));
    let remove =
        action::delegate_remove(patient, patient.profile, doctor.profile, Some(folder), sponsor);
    clinic.must(remove);
    let state = clinic.world.state::<Folder>(&folder);
    assert_eq!((state.rotate_due, state.audit_count), (0, 1), "the new folder is not concerned");
}

#[test]
fn a_grant_moves_with_its_record_and_a_folder_grant_stays() {
    let mut clinic = Clinic::new();
    let Clinic { patient, doctor, letters, letter, chart, sponsor, .. } = clinic;
    let args = RecordMoveArgs {
        change: clinic.head_swap(&letter, "moved"),
        sealed_to: clinic.epoch_of(&chart),
    };
    clinic.must(action::record_move(patient, letters, chart, letter, args));
    let args = GrantOpenArgs { version: 1, head_digest: digest("moved") };
    // By the grant on the record, in its new folder; the nurse's grant on the old folder opens it no more.
    clinic.must(action::grant_open(
        doctor,
        clinic.doctor_letter_grant,
        chart,
        letter,
        args.clone(),
    ));
    let (nurse, grant) = (clinic.nurse, clinic.nurse_letters_grant);
    let stays = clinic.send(&action::grant_open(nurse, grant, chart, letter, args));
    assert_eq!(stays.map_err(|refusal| refusal.cause), Err(AcesoError::WrongScope.into()));
    let scope = (chart, Some(letter));
    let revoke = action::grant_revoke(patient.acting(), scope, clinic.doctor_letter_grant, sponsor);
    clinic.must(revoke);
}

#[test]
fn two_delegates_rotating_at_once_do_not_undo_each_other() {
    let mut clinic = Clinic::new();
    let chart = clinic.chart;
    let state = clinic.world.state::<Folder>(&chart);
    let rotate = |clinic: &Clinic, keyring: &str| {
        let args = FolderRotateArgs {
            epoch: state.epoch,
            members_version: state.members_version,
            earliest_until_secs: NO_END,
            keyring: clinic.keyring_swap(&chart, keyring),
        };
        action::folder_rotate(clinic.nurse_acting(), chart, args)
    };
    let (first, second) = (rotate(&clinic, "first"), rotate(&clinic, "second"));
    clinic.must(first);
    let refused = clinic.send(&second).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::FolderChanged.into()));
    let state = clinic.world.state::<Folder>(&chart);
    assert_eq!(state.keyring_digest, digest("first"));
    assert_ne!(state.previous_keyring_digest, [0; 32], "the owner's own keyring is remembered");
}

#[test]
fn a_delegate_that_hides_its_own_end_reads_no_longer_for_it() {
    let mut clinic = Clinic::new();
    let Clinic { nurse_grant, chart, sponsor, .. } = clinic;
    let terms = terms(clinic.world.now_secs(), 5 * DAY_SECS);
    let until_secs = terms.until_secs;
    let members_version = clinic.world.state::<Folder>(&chart).members_version;
    let args = GrantUpdateArgs { members_version, terms };
    clinic.must(action::grant_update(clinic.owner_acting(), (chart, None), nurse_grant, args));
    let rotate = |clinic: &Clinic, keyring: &str| {
        let state = clinic.world.state::<Folder>(&chart);
        let args = FolderRotateArgs {
            epoch: state.epoch,
            members_version: state.members_version,
            earliest_until_secs: NO_END,
            keyring: clinic.keyring_swap(&chart, keyring),
        };
        action::folder_rotate(clinic.nurse_acting(), chart, args)
    };
    let call = rotate(&clinic, "sealed to the nurse alone");
    clinic.must(call);
    assert_eq!(clinic.world.state::<Folder>(&chart).earliest_until_secs, until_secs);
    // Until its end it may read what is filed, and not a second longer.
    clinic.world.wait(5 * DAY_SECS);
    clinic.must(file(&clinic, "in its last second"));
    // In its last second it gives no key that would outlive it.
    let call = rotate(&clinic, "once more");
    let refused = clinic.send(&call).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::EndsTooEarly.into()));
    clinic.world.wait(1);
    let refused = clinic.send(&file(&clinic, "late")).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::FolderRotateDue.into()));
    clinic.must(action::grant_expire((chart, None), nurse_grant, sponsor));
    assert_eq!(clinic.world.state::<Folder>(&chart).rotate_due, 1);
}

#[test]
fn an_authority_that_was_replaced_signs_for_nothing_any_more() {
    let mut clinic = Clinic::new();
    let phone = clinic.world.wallet("new phone");
    let patient = clinic.patient;
    clinic.must(action::profile_authority_propose(patient, phone));
    let args = ProfileKeysRotateArgs { expected_version: 1, bundle: blob("patient 2") };
    clinic.must(action::profile_authority_accept(phone, patient.profile, args));
    let call = action::record_archive(patient, clinic.ecg, true);
    let refused = clinic.send(&call).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::NotAuthority.into()));
    let patient = action::Person { wallet: phone, ..patient };
    clinic.must(action::record_archive(patient, clinic.ecg, true));
}

#[test]
fn what_was_granted_before_a_rotation_is_cleared_without_a_second_one() {
    let mut clinic = Clinic::new();
    let Clinic { patient, doctor_grant, chart, sponsor, .. } = clinic;
    clinic.world.wait(31 * DAY_SECS);
    let inbox = clinic.inbox_of(&patient);
    let mut filed = file(&clinic, "late");
    let refused = clinic.send(&filed).map_err(|refusal| refusal.cause);
    assert_eq!(refused, Err(AcesoError::FolderRotateDue.into()));
    // To the inbox it goes all the same.
    let args = RecordCreateArgs {
        id: id("late"),
        content: content("late"),
        head: blob("late"),
        sealed_to: inbox,
    };
    filed.data = anchor_lang::InstructionData::data(&aceso::instruction::RecordCreate { args });
    clinic.must(filed);
    let state = clinic.world.state::<Folder>(&chart);
    let args = FolderRotateArgs {
        epoch: state.epoch,
        members_version: state.members_version,
        earliest_until_secs: NO_END,
        keyring: clinic.keyring_swap(&chart, "epoch 2"),
    };
    clinic.must(action::folder_rotate(patient.acting(), chart, args));
    clinic.must(action::grant_expire((chart, None), doctor_grant, sponsor));
    assert_eq!(clinic.world.state::<Folder>(&chart).rotate_due, 0);
    clinic.must(file(&clinic, "sealed to epoch 2"));
}

#[test]
fn the_wallet_that_pays_may_be_the_one_that_signs_and_the_one_that_gets_back() {
    let mut clinic = Clinic::new();
    let Clinic { patient, stranger, chart, .. } = clinic;
    let ask = clinic.question(ScopeKind::Folder, chart);
    let args = RequestCreateArgs { id: id("own money"), ask };
    let request = action::request_create(patient.wallet, stranger, patient.profile, args);
    let key = request.key("request");
    clinic.must(request);
    let mut terms = terms(clinic.world.now_secs(), DAY_SECS);
    (terms.purpose, terms.permissions) = (Purpose::Research as u8, PERMIT_OPEN);
    let args = clinic.folder_grant_args(&chart, &stranger.profile, terms);
    let before = clinic.world.lamports(&patient.wallet) + clinic.world.lamports(&key);
    let (wallet, acting) = (patient.wallet, patient.acting());
    let (scope, reader): ((Pubkey, Option<Pubkey>), Pubkey) = ((chart, None), stranger.profile);
    let approve =
        action::request_approve(wallet, acting, patient.profile, scope, reader, key, wallet, args);
    clinic.must(approve);
    let rent = clinic.world.rent(Grant::SPACE);
    assert_eq!(clinic.world.lamports(&wallet), before - rent);
}

#[test]
fn one_address_for_one_set_of_seeds_whatever_its_bump() {
    let mut clinic = Clinic::new();
    let (patient, chart) = (clinic.patient, clinic.chart);
    let mut bumps = std::collections::BTreeSet::new();
    for n in 0..40 {
        let name = format!("bump {n}");
        let mut call = file(&clinic, &name);
        let (record, bump) = address::record(&patient.profile, &id(&name));
        // Every lower bump that gives an address gives one that is refused.
        for lower in (0..bump).rev().take(3) {
            let seeds: &[&[u8]] = &[SEED_RECORD, patient.profile.as_ref(), &id(&name), &[lower]];
            let Ok(other) = Pubkey::create_program_address(seeds, &aceso::ID) else { continue };
            call.replace("record", other);
            let refused = clinic.send(&call).map_err(|refusal| refusal.cause);
            assert_eq!(refused, Err(ErrorCode::ConstraintSeeds.into()), "bump {lower}, not {bump}");
        }
        call.replace("record", record);
        clinic.must(call);
        assert_eq!(clinic.world.state::<Record>(&record).meta.bump, bump);
        bumps.insert(bump);
    }
    assert!(bumps.len() > 3, "forty records have had {} different bumps", bumps.len());
    assert_eq!(clinic.world.state::<Folder>(&chart).records, 42);
}
