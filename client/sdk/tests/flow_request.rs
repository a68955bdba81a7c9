//! Requests on the real chain: asked, read, answered, and every lamport of the deposit accounted for.

mod flow_fixture;

use aceso_format::reason::MAX_REASON_LEN;
use aceso_sdk::{
    blob::BlobAddress,
    chain::{
        AcesoError, Ask, Blob, ChainError, Pubkey, Purpose, Request, ScopeKind, Transaction,
        address,
        constants::{CAN_ANSWER, CAN_CREATE, PERMIT_HISTORY, PERMIT_OPEN},
        instruction::{self, Actor},
    },
    flow::*,
};
use flow_fixture::*;

const HOUR: i64 = 60 * 60;
const DEPOSIT: u64 = 10_000_000;
const FEE: u64 = 1_000_000;
const REASON: &str = "Second opinion before the operation on Friday";

struct Case {
    world: World,
    patient: Session,
    doctor: Session,
    folder: Pubkey,
    record: Pubkey,
}

async fn case() -> Case {
    // A block every tenth of a second, because time has to pass for requests to end.
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"ecg", "ECG").await.record;
    Case { world, patient, doctor, folder, record }
}

fn ask(owner: &Session, scope: Option<Scope>) -> RequestCreate {
    RequestCreate {
        owner: me(owner),
        scope,
        purpose: Purpose::Treatment,
        permissions: PERMIT_OPEN,
        duration_secs: 24 * HOUR,
        reason: REASON.to_owned(),
        ttl_secs: Some(2 * HOUR),
        deposit_lamports: None,
    }
}

async fn balance(session: &Session) -> u64 {
    session.chain().balance(&session.wallet_address()).await.unwrap()
}

fn fees(receipt: &Receipt) -> u64 {
    receipt.sent.iter().map(|sent| sent.fee_lamports).sum()
}

async fn request(session: &Session, at: Pubkey) -> Option<Request> {
    session.chain().find::<Request>(&at).await.unwrap().map(|request| request.account)
}

fn reason_blob(request: &Request) -> BlobAddress {
    BlobAddress { digest: request.reason_digest, len: u64::from(request.reason_len) }
}

fn is(found: &FlowError, refusal: AcesoError) -> bool {
    matches!(found, FlowError::Chain(ChainError::Program(error)) if *error as u32 == refusal as u32)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_read_by_the_owner_alone_and_given() {
    let Case { world, patient, doctor, folder, record } = case().await;
    let stranger = world.person("stranger").await;
    let before = balance(&doctor).await;
    let created = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    assert_eq!((created.deposit_lamports, created.receipt.approvals()), (DEPOSIT, 1));
    let at = created.request;

    let incoming = patient.request_list(RequestList::Incoming).await.unwrap();
    let [view] = incoming.as_slice() else { panic!("{incoming:?}") };
    assert_eq!(
        (view.request, view.requester, view.scope),
        (at, me(&doctor), Some(Scope::Folder(folder)))
    );
    assert_eq!((view.deposit_lamports, view.fee_lamports, view.expired), (DEPOSIT, FEE, false));
    assert_eq!(view.expires_at_secs - view.created_at_secs, 2 * HOUR);
    assert_eq!(doctor.request_list(RequestList::Outgoing).await.unwrap().len(), 1);
    assert!(stranger.request_list(RequestList::Incoming).await.unwrap().is_empty());

    // The blob is stored, tells nothing by its length, and opens for nobody but the owner.
    let account = request(&doctor, at).await.unwrap();
    let blob = reason_blob(&account);
    let sealed = std::fs::read(world.blob_path(&blob)).unwrap();
    assert_eq!(sealed.len(), 1 + 1120 + 1024 + 16);
    assert!(!sealed.windows(7).any(|bytes| bytes == b"opinion"));
    assert_eq!(patient.request_reason(at).await.unwrap(), REASON);
    for other in [&doctor, &stranger] {
        let refused = other.request_reason(at).await.unwrap_err();
        assert!(matches!(refused, FlowError::NotListed { .. }), "{refused}");
    }

    let given = patient.request_approve(at, RequestApprove::default()).await.unwrap();
    assert_eq!(given.receipt.approvals(), 1);
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"ecg");
    let grants = doctor.grant_list(GrantList::Received).await.unwrap();
    assert_eq!(
        (grants.len(), grants[0].grant, grants[0].terms.permissions),
        (1, given.grant, PERMIT_OPEN)
    );
    let until = grants[0].terms.until_secs.unwrap();
    assert!((until - view.created_at_secs - 24 * HOUR).abs() < 60, "{until}");

    // Deposit and rent are back; only fees are gone.
    let opening = doctor.audit_history(Scope::Record(record)).await.unwrap().lines.len();
    assert_eq!(opening, 2, "filed and opened");
    assert!(request(&doctor, at).await.is_none());
    assert!(before - balance(&doctor).await < 100_000, "fees of two transactions at most");
    // The reason is of no use any more, and the requester's client lets it go.
    assert!(world.store.has(&blob).await.unwrap());
    assert!(doctor.request_list(RequestList::Outgoing).await.unwrap().is_empty());
    assert!(!world.store.has(&blob).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_or_taken_back_the_whole_deposit_returns() {
    let Case { world, patient, doctor, folder, .. } = case().await;
    let blobs = world.blob_count();

    let before = balance(&doctor).await;
    let created = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    assert_eq!(world.blob_count(), blobs + 1);
    assert!(before - balance(&doctor).await > DEPOSIT);
    let refused = patient.request_cancel(created.request).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    let refused = doctor.request_deny(created.request).await.unwrap_err();
    assert!(matches!(refused, FlowError::NotAllowed { .. }), "{refused}");
    patient.request_deny(created.request).await.unwrap();
    assert_eq!(balance(&doctor).await, before - fees(&created.receipt));
    let gone =
        patient.request_approve(created.request, RequestApprove::default()).await.unwrap_err();
    assert!(matches!(gone, FlowError::Missing { what: "request", .. }), "{gone}");

    let before = balance(&doctor).await;
    let create = RequestCreate { deposit_lamports: Some(2 * DEPOSIT), ..ask(&patient, None) };
    let created = doctor.request_create(create).await.unwrap();
    assert_eq!(created.deposit_lamports, 2 * DEPOSIT);
    let cancelled = doctor.request_cancel(created.request).await.unwrap();
    assert_eq!(balance(&doctor).await, before - fees(&created.receipt) - fees(&cancelled));
    assert_eq!(world.blob_count(), blobs, "both reasons are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_answers_costs_the_fee() {
    let Case { world, patient, doctor, folder, .. } = case().await;
    let blobs = world.blob_count();
    let before = balance(&doctor).await;
    let first = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    let second = doctor.request_create(ask(&patient, None)).await.unwrap();
    let early = patient.request_expire(first.request).await.unwrap_err();
    assert!(is(&early, AcesoError::RequestNotEnded), "{early}");

    world.net.travel(2 * HOUR + 1).await;
    let late = patient.request_approve(first.request, RequestApprove::default()).await.unwrap_err();
    assert!(is(&late, AcesoError::RequestEnded), "{late}");
    assert!(
        patient.request_list(RequestList::Incoming).await.unwrap().iter().all(|view| view.expired)
    );

    // Anybody clears it away; the network keeps its fee of it.
    let kept = patient.chain().config().await.unwrap().fees_lamports;
    let anybody = world.newcomer("anybody").await;
    anybody.request_expire(first.request).await.unwrap();
    assert_eq!(patient.chain().config().await.unwrap().fees_lamports, kept + FEE);
    // An owner who answers late still spares the fee.
    patient.request_deny(second.request).await.unwrap();
    let paid = fees(&first.receipt) + fees(&second.receipt) + FEE;
    assert_eq!(balance(&doctor).await, before - paid);
    assert!(doctor.request_list(RequestList::Outgoing).await.unwrap().is_empty());
    assert_eq!(world.blob_count(), blobs);
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_asked_may_be_given_and_never_more() {
    let Case { world, patient, doctor, folder, record } = case().await;
    let folder_scope = Scope::Folder(folder);
    let created = doctor.request_create(ask(&patient, Some(Scope::Record(record)))).await.unwrap();
    let now = patient.chain().rpc.time().await.unwrap().unix_secs;
    let asked = GrantTerms {
        permissions: PERMIT_OPEN,
        until_secs: Some(now + 24 * HOUR),
        ..GrantTerms::default()
    };
    let blobs = world.blob_count();
    let refusals = [
        (
            None,
            GrantTerms { permissions: PERMIT_OPEN | PERMIT_HISTORY, ..asked },
            AcesoError::ExceedsRequest,
        ),
        (
            None,
            GrantTerms { until_secs: Some(now + 48 * HOUR), ..asked },
            AcesoError::ExceedsRequest,
        ),
        (None, GrantTerms { until_secs: None, ..asked }, AcesoError::ExceedsRequest),
        (None, GrantTerms { purpose: Purpose::Research, ..asked }, AcesoError::ExceedsRequest),
        (Some(folder_scope), asked, AcesoError::WrongScope),
        (None, GrantTerms { until_secs: Some(now - 1), ..asked }, AcesoError::EndsTooEarly),
    ];
    for (scope, terms, refusal) in refusals {
        let approve = RequestApprove { scope, terms: Some(terms) };
        let found = patient.request_approve(created.request, approve).await.unwrap_err();
        assert!(is(&found, refusal), "{found}");
    }
    assert_eq!(world.blob_count(), blobs, "nothing was sealed for them");

    let less = GrantTerms { until_secs: Some(now + HOUR), ..asked };
    let approve = RequestApprove { scope: None, terms: Some(less) };
    patient.request_approve(created.request, approve).await.unwrap();
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"ecg");
    let [grant] = doctor.grant_list(GrantList::Received).await.unwrap().try_into().unwrap();
    assert_eq!((grant.scope, grant.terms.until_secs), (Scope::Record(record), Some(now + HOUR)));

    // Where the owner has to choose, it has to be said what, and it has to be one's own.
    let open_question = doctor.request_create(ask(&patient, None)).await.unwrap();
    let unsaid = patient
        .request_approve(open_question.request, RequestApprove::default())
        .await
        .unwrap_err();
    assert!(matches!(unsaid, FlowError::ScopeNeeded { .. }), "{unsaid}");
    let theirs = RequestApprove { scope: Some(Scope::Folder(chart(&doctor).await)), terms: None };
    let found = patient.request_approve(open_question.request, theirs).await.unwrap_err();
    assert!(matches!(found, FlowError::OtherOwner { .. }), "{found}");
    let approve = RequestApprove { scope: Some(folder_scope), terms: None };
    patient.request_approve(open_question.request, approve).await.unwrap();
    assert_eq!(doctor.grant_list(GrantList::Received).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_before_anything_is_stored() {
    let Case { world, patient, doctor, folder, .. } = case().await;
    let (blobs, before) = (world.blob_count(), balance(&doctor).await);
    let base = || ask(&patient, Some(Scope::Folder(folder)));
    let refused = async |create| doctor.request_create(create).await.unwrap_err();

    let found = refused(RequestCreate { reason: " \n".to_owned(), ..base() }).await;
    assert!(matches!(found, FlowError::WouldBeRefused { .. }), "{found}");
    let long = "x".repeat(MAX_REASON_LEN as usize + 1);
    let found = refused(RequestCreate { reason: long, ..base() }).await;
    assert!(matches!(found, FlowError::Format(_)), "{found}");
    let found = refused(RequestCreate { deposit_lamports: Some(DEPOSIT - 1), ..base() }).await;
    assert!(matches!(found, FlowError::DepositTooLow { least: DEPOSIT, fee: FEE, .. }), "{found}");
    let found = refused(RequestCreate { deposit_lamports: Some(2_000_000_000), ..base() }).await;
    assert!(is(&found, AcesoError::OutOfBounds), "{found}");
    let found = refused(RequestCreate { ttl_secs: Some(8 * 24 * HOUR), ..base() }).await;
    assert!(is(&found, AcesoError::OutOfBounds), "{found}");
    let found = refused(RequestCreate { duration_secs: 0, ..base() }).await;
    assert!(is(&found, AcesoError::EndsTooEarly), "{found}");
    let found = refused(RequestCreate { permissions: PERMIT_HISTORY, ..base() }).await;
    assert!(is(&found, AcesoError::PermissionUnknown), "{found}");
    let found = refused(RequestCreate { owner: me(&doctor), ..base() }).await;
    assert!(is(&found, AcesoError::ToOneself), "{found}");
    let own = Some(Scope::Folder(chart(&doctor).await));
    let found = refused(RequestCreate { scope: own, ..base() }).await;
    assert!(matches!(found, FlowError::OtherOwner { .. }), "{found}");
    let found =
        refused(RequestCreate { scope: Some(Scope::Record(Pubkey::new_unique())), ..base() }).await;
    assert!(matches!(found, FlowError::Missing { .. }), "{found}");
    let found = refused(RequestCreate { owner: Pubkey::new_unique(), ..base() }).await;
    assert!(matches!(found, FlowError::ProfileMissing { .. }), "{found}");

    assert_eq!((world.blob_count(), balance(&doctor).await), (blobs, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_outlives_the_owners_keys_and_nobodys_word_deletes_a_blob() {
    let Case { world, mut patient, doctor, folder, record } = case().await;
    let created = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    patient.profile_keys_rotate().await.unwrap();
    assert_eq!(patient.request_reason(created.request).await.unwrap(), REASON);

    // A requester names the patient's own record as the reason.
    let filed = patient.record_show(record).await.unwrap().content;
    let (id, at) = address::new_request(&me(&patient), &me(&doctor)).unwrap();
    let reason = Blob { digest: filed.digest, len: u32::try_from(filed.len).unwrap() };
    let ask = Ask {
        scope_kind: ScopeKind::Folder,
        scope: folder,
        purpose: Purpose::Treatment as u8,
        permissions: PERMIT_OPEN,
        duration_secs: HOUR,
        reason,
        ttl_secs: HOUR,
        deposit_lamports: DEPOSIT,
    };
    let actor = Actor::owner(doctor.wallet_address(), me(&doctor));
    let create =
        instruction::request::create(doctor.wallet_address(), &actor, me(&patient), id, ask);
    let wallet = aceso_sdk::home::FileWallet::open(&doctor.home().dir().wallet()).unwrap();
    doctor.chain().send(&Transaction::new(vec![create], &wallet, &[])).await.unwrap();
    let found = patient.request_reason(at).await.unwrap_err();
    assert!(matches!(found, FlowError::Untrue { what: "reason of request", .. }), "{found}");
    patient.request_deny(at).await.unwrap();
    assert!(world.store.has(&filed).await.unwrap());
    assert_eq!(open(&patient, record, None).await.unwrap(), b"ecg");

    // A reason sealed for another request does not serve for this one.
    let account = request(&patient, created.request).await.unwrap();
    let (id, at) = address::new_request(&me(&patient), &me(&doctor)).unwrap();
    let reason = Blob { digest: account.reason_digest, len: account.reason_len };
    let create = instruction::request::create(
        doctor.wallet_address(),
        &actor,
        me(&patient),
        id,
        Ask { reason, ..ask },
    );
    doctor.chain().send(&Transaction::new(vec![create], &wallet, &[])).await.unwrap();
    let found = patient.request_reason(at).await.unwrap_err();
    assert!(
        matches!(found, FlowError::Untrue { source: aceso_format::Error::PacketForged, .. }),
        "{found}"
    );
    patient.request_approve(at, RequestApprove::default()).await.unwrap();
    assert_eq!(patient.request_reason(created.request).await.unwrap(), REASON, "it still stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_that_reads_the_folder_answers_for_the_owner() {
    let Case { world, patient, doctor, folder, record } = case().await;
    let nurse = world.person("nurse").await;
    meet(&patient, "patient", &nurse, "nurse").await;
    meet(&doctor, "doctor", &nurse, "nurse").await;
    let first = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    let second = doctor.request_create(ask(&patient, Some(Scope::Record(record)))).await.unwrap();

    let stranger = nurse.request_deny(second.request).await.unwrap_err();
    assert!(matches!(stranger, FlowError::NotAllowed { .. }), "{stranger}");
    let add = |capabilities| DelegateAdd {
        profile: me(&nurse),
        folder: Some(folder),
        capabilities,
        until_secs: None,
    };
    patient.delegate_add(add(CAN_ANSWER | CAN_CREATE)).await.unwrap();
    // Without the folder's key it cannot seal to anybody.
    let blind = nurse.request_approve(first.request, RequestApprove::default()).await.unwrap_err();
    assert!(matches!(blind, FlowError::NotListed { .. }), "{blind}");
    // Not even its own folder's delegate may answer what was asked for something else.
    let other = nurse.request_deny(second.request).await.unwrap_err();
    assert!(matches!(other, FlowError::NotAllowed { .. }), "{other}");

    share(&patient, Scope::Folder(folder), me(&nurse)).await;
    nurse.request_approve(first.request, RequestApprove::default()).await.unwrap();
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"ecg");
    // The owner accepts the delegate's keyring and goes on.
    let later = file(&patient, folder, b"later", "Later").await;
    assert_eq!(open(&doctor, later.record, None).await.unwrap(), b"later");
    let again = doctor.request_create(ask(&patient, Some(Scope::Folder(folder)))).await.unwrap();
    nurse.request_deny(again.request).await.unwrap();
    assert!(request(&doctor, again.request).await.is_none());
}
