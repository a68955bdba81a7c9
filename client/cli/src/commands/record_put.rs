use std::path::{Path, PathBuf};

use aceso_format::content::ContentLayout;
use aceso_sdk::{
    chain::{Grant, Pubkey, Record},
    flow::{
        AlreadyFiled, GrantTerms, LeaseOpen, LeaseOpened, LeasePlan, LeaseWhat, PutItem,
        RecordPut as Put, RecordPutDone, Session, Share,
    },
};
use serde_json::{Value, json};

use crate::{
    app::App,
    args::record::RecordPut,
    cost,
    exit::Failure,
    find, gather,
    render::{self, Names, folder, grant, receipt, record},
    show,
    table::Table,
    terms,
};

/// About what a head, a keyring or a bundle takes; below a MiB it costs the same.
const HEAD_LEN: u64 = 8 << 10;
/// So many record creations fit into a transaction, at least.
const RECORDS_A_TRANSACTION: u64 = 5;

/// What a file is called in the result.
struct Title {
    path: Option<PathBuf>,
    title: String,
    kind: String,
}

impl Title {
    fn of(item: &PutItem) -> Self {
        let about = &item.about;
        let path = item.input.path().map(Path::to_owned);
        Self { path, title: about.title.clone(), kind: record::kind(about) }
    }
}

pub async fn run(app: &App, args: &RecordPut) -> Result<(), Failure> {
    let files = gather::files(&args.files, args.recursive)?;
    if files.len() > 1 && (args.describe.title.is_some() || args.name.is_some()) {
        return Err(Failure::usage("one --title or --name cannot be that of several files")
            .with_hint("put them one by one, or leave it out"));
    }
    let terms = terms::of(&args.terms, &app.now())?;
    let session = app.session().await?;
    let names = Names(&session);
    let target = match &args.owner {
        None => match &args.folder {
            Some(name) => find::folder(&session, name).await?,
            None => session.folder_named(None, None).await?,
        },
        Some(owner) => {
            let owner = session.profile_named(owner).await?;
            session.folder_named(Some(owner), args.folder.as_deref()).await?
        }
    };
    let share = recipients(&session, &args.to, terms).await?;

    let mut asked = question(files.len(), &share, &args.owner, &names);
    let quoted = match args.replicas {
        Some(copies) => Some(quote(app, &session, args, &files, copies).await?),
        None => None,
    };
    if let Some(quote) = &quoted {
        asked.push_str(&format!("\n{}", render::lease::quote(quote)));
    }
    app.confirm(&asked)?;
    let items = files.iter().map(|path| gather::item(path, &args.describe, args.name.as_deref()));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    let mut titles: Vec<Title> = items.iter().map(Title::of).collect();
    let readers = share.len();
    let mut done = session
        .record_put(Put {
            folder: target,
            items,
            share,
            again: args.again,
            goes_on: args.replicas.is_some(),
        })
        .await?;
    for already in &done.already {
        let at = titles.iter().position(|title| title.path.as_ref() == Some(&already.path));
        at.map(|at| titles.remove(at));
    }
    let records: Vec<_> = done
        .records
        .iter()
        .map(|filed| filed.record)
        .chain(done.already.iter().map(|already| already.record))
        .collect();
    let leased = match quoted {
        // What is on record stays so, whatever becomes of its copies.
        Some(quoted) => Some(replicate(app, &session, quoted, target, &records).await),
        None => None,
    };
    let value = leased.as_ref().and_then(|leased| leased.as_ref().ok()).map(render::lease::opened);
    if matches!(&leased, None | Some(Ok(_))) {
        done.end()?;
    }
    tell(app, &titles, readers, done, &names, &terms, value)?;
    match leased {
        None => Ok(()),
        Some(Err(failure)) => {
            app.printer.say(
                "The files are on record; their copies are not all made. The same command goes on with it.",
            );
            Err(failure)
        }
        Some(Ok(opened)) => {
            app.printer.say(render::lease::opened_text(&opened, &names).trim_end());
            render::lease::warn_opened(&app.printer, &opened);
            super::lease_open::complete(&opened)
        }
    }
}

/// What the copies will cost, from the lengths of the files.
async fn quote(
    app: &App,
    session: &Session,
    args: &RecordPut,
    files: &[PathBuf],
    copies: u32,
) -> Result<LeasePlan, Failure> {
    let mut lens = Vec::with_capacity(files.len() + 2);
    for path in files {
        let len = std::fs::metadata(path).map(|found| found.len()).map_err(|_| {
            Failure::usage("copies of standard input cannot be priced before it is read")
                .with_hint("put it first, then run `aceso lease open`")
        })?;
        let sealed = ContentLayout::of(len).map_err(Failure::from)?.sealed_len();
        lens.push(sealed + HEAD_LEN);
    }
    // The folder's keyring, and the public keys.
    lens.extend([HEAD_LEN, HEAD_LEN]);
    let request =
        super::lease_open::request(app, session, Vec::new(), copies, args.term, &args.payment);
    let plan = session.lease_quote(request.await?, &lens).await?;
    plan.require_funds()?;
    Ok(plan)
}

async fn replicate(
    app: &App,
    session: &Session,
    quoted: LeasePlan,
    folder: Pubkey,
    records: &[Pubkey],
) -> Result<LeaseOpened, Failure> {
    let what = records.iter().copied().map(LeaseWhat::Record).collect();
    let what = super::lease_open::with_keys(session.profile()?, folder, what);
    let plan = session.lease_plan(LeaseOpen { what, ..quoted.request.clone() }).await?;
    if plan.total > quoted.total {
        app.printer.say("The copies cost more than was said before.");
        super::lease_open::confirm(app, session, &plan)?;
    }
    Ok(session.lease_open(plan, std::time::Duration::from_secs(120)).await?)
}

/// Whom to share with: checked before anything is sealed or stored.
async fn recipients(
    session: &Session,
    to: &[String],
    terms: GrantTerms,
) -> Result<Vec<Share>, Failure> {
    let mut share = Vec::new();
    for name in to {
        let reader = session.profile_named(name).await?;
        session.recipient_check(reader).await?;
        share.push(Share { reader, terms });
    }
    Ok(share)
}

fn question(files: usize, share: &[Share], owner: &Option<String>, names: &Names) -> String {
    let count = files as u64;
    let rent = count * (cost::rent::<Record>() + share.len() as u64 * cost::rent::<Grant>());
    let fees = cost::FEE * count.div_ceil(RECORDS_A_TRANSACTION);
    let mut text = format!("Put {} on record", show::count(files, "file"));
    if let Some(owner) = owner {
        text.push_str(&format!(" for {owner} (you will not be able to open it)"));
    }
    text.push_str(&format!(
        ": {} in fees, and {} held as rent until erased.",
        cost::about(fees),
        cost::about(rent)
    ));
    for one in share {
        text.push_str(&format!(
            "\n{} may {}.",
            names.show(&one.reader),
            grant::terms_text(&one.terms)
        ));
    }
    text
}

fn already(one: &AlreadyFiled) -> Value {
    json!({ "path": one.path, "record": one.record.to_string() })
}

fn tell(
    app: &App,
    titles: &[Title],
    readers: usize,
    done: RecordPutDone,
    names: &Names,
    terms: &GrantTerms,
    leased: Option<Value>,
) -> Result<(), Failure> {
    receipt::tell(&app.printer, &done.receipt);
    let value = json!({
        "folder": done.folder.to_string(),
        "records": done.records.iter().map(record::filed).collect::<Vec<Value>>(),
        "already": done.already.iter().map(already).collect::<Vec<Value>>(),
        "grants": render::addresses(&done.grants),
        "terms": (readers > 0).then(|| grant::terms(terms)),
        "transactions": receipt::json(&done.receipt),
        "maintained": folder::maintained(&done.maintained), "leased": leased,
    });
    app.printer.data(&value, || {
        let mut table = Table::new(["ID", "TITLE", "TYPE", "SIZE"]);
        for (filed, title) in done.records.iter().zip(titles) {
            table.row([
                show::short(&filed.record),
                title.title.clone(),
                title.kind.clone(),
                show::size(filed.plaintext_len),
            ]);
        }
        table.render("")
    })?;
    for one in &done.already {
        app.printer.detail(format_args!("{} is record {}", one.path.display(), one.record));
    }
    if !done.already.is_empty() {
        app.printer.say(format_args!(
            "{} left out: this was put before and interrupted, and had filed so much by then. --again files all of it.",
            show::count(done.already.len(), "file")
        ));
    }
    if done.records.iter().any(|filed| filed.sealed_to == aceso_sdk::flow::Sealing::Inbox) {
        app.printer.say(
            "It waits in the owner's inbox, and others can open it after the owner's next command.",
        );
    }
    folder::tell_maintained(&app.printer, names, done.maintained);
    Ok(())
}
