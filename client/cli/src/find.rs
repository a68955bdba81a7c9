//! From what was typed to one address. Names and beginnings of addresses are the sdk's; titles, and the list of what an
//! ambiguous name could mean, are added here.

use aceso_sdk::{
    chain::Pubkey,
    flow::{FlowError, RecordList, RecordView, RequestList, Scope, Session},
};

use crate::{exit::Failure, render, show, table::plain};

/// A record by title, beginning of its address, or address.
pub async fn record(session: &Session, name: &str) -> Result<Pubkey, Failure> {
    match session.record_named(name).await {
        Ok(record) => Ok(record),
        Err(FlowError::NameUnknown { .. }) => by_title(session, name).await,
        Err(FlowError::NameAmbiguous { .. }) => {
            let starts = |view: &RecordView| view.record.to_string().starts_with(name);
            let found: Vec<_> =
                readable(session).await?.into_iter().filter(starts).map(candidate).collect();
            Err(ambiguous(name, "record", &found))
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_title(session: &Session, title: &str) -> Result<Pubkey, Failure> {
    let titled = |view: &RecordView| {
        view.manifest.as_ref().is_ok_and(|opened| render::record::title(opened) == title)
    };
    let found: Vec<_> =
        readable(session).await?.into_iter().filter(titled).map(candidate).collect();
    match found.as_slice() {
        [] => Err(Failure::input(format!("no record has the title or short id {title:?}"))
            .with_hint("`aceso record list` shows yours, and with --shared what you may open now")
            .with_kind("name-unknown")),
        [(record, _)] => Ok(*record),
        _ => Err(ambiguous(title, "record", &found)),
    }
}

async fn readable(session: &Session) -> Result<Vec<RecordView>, Failure> {
    let mut views = session.record_list(RecordList::Own { folder: None }).await?;
    views.extend(session.record_list(RecordList::Shared { owner: None }).await?);
    views.extend(session.record_list(RecordList::Filed).await?);
    views.sort_by_key(|view| view.record);
    views.dedup_by_key(|view| view.record);
    Ok(views)
}

fn candidate(view: RecordView) -> (Pubkey, String) {
    let title = view
        .manifest
        .as_ref()
        .map_or_else(|_| "(you cannot open it)".to_owned(), render::record::title);
    (view.record, title)
}

pub async fn folder(session: &Session, name: &str) -> Result<Pubkey, Failure> {
    match session.folder_named(None, Some(name)).await {
        Ok(folder) => Ok(folder),
        Err(FlowError::NameAmbiguous { .. }) => {
            let views = session.folder_list().await?;
            let starts = views.into_iter().filter(|view| view.folder.to_string().starts_with(name));
            let found: Vec<_> =
                starts.map(|view| (view.folder, view.name.unwrap_or_default())).collect();
            Err(ambiguous(name, "folder", &found))
        }
        Err(error) => Err(error.into()),
    }
}

/// A folder or a record, whichever was named.
pub async fn scope(
    session: &Session,
    folder_name: Option<&str>,
    record_name: Option<&str>,
) -> Result<Option<Scope>, Failure> {
    match (folder_name, record_name) {
        (Some(name), _) => Ok(Some(Scope::Folder(folder(session, name).await?))),
        (None, Some(name)) => Ok(Some(Scope::Record(record(session, name).await?))),
        (None, None) => Ok(None),
    }
}

/// Of a name alone: a folder if there is one, else a record.
pub async fn either(session: &Session, name: &str) -> Result<Scope, Failure> {
    // A whole address is taken for a folder of one's own list, or for a record.
    let views = session.folder_list().await?;
    let named = |view: &aceso_sdk::flow::FolderView| {
        view.name.as_deref() == Some(name) || view.folder.to_string().starts_with(name)
    };
    let mut folders: Vec<_> =
        views.into_iter().filter(named).map(|v| (v.folder, v.name.unwrap_or_default())).collect();
    match folders.len() {
        0 => Ok(Scope::Record(record(session, name).await?)),
        1 => Ok(Scope::Folder(folders.remove(0).0)),
        _ => Err(ambiguous(name, "folder", &folders)),
    }
}

/// A request by address or its beginning.
pub async fn request(session: &Session, name: &str) -> Result<Pubkey, Failure> {
    if let Ok(address) = name.parse() {
        return Ok(address);
    }
    let mut views = session.request_list(RequestList::Incoming).await?;
    views.extend(session.request_list(RequestList::Outgoing).await?);
    let starts = views.into_iter().filter(|view| view.request.to_string().starts_with(name));
    let found: Vec<_> = starts.map(|view| (view.request, view.purpose.code().to_owned())).collect();
    match found.as_slice() {
        [] => Err(Failure::input(format!("no request begins with {name:?}"))
            .with_hint("`aceso request list` shows those to you, and with --sent your own")
            .with_kind("name-unknown")),
        [(request, _)] => Ok(*request),
        _ => Err(ambiguous(name, "request", &found)),
    }
}

fn ambiguous(name: &str, what: &str, candidates: &[(Pubkey, String)]) -> Failure {
    let list: String = candidates
        .iter()
        .map(|(address, label)| format!("\n  {address}  {}", plain(label)))
        .collect();
    Failure::input(format!("{name:?} could be {}:{list}", show::count(candidates.len(), what)))
        .with_hint("use more of the address")
        .with_kind("name-ambiguous")
}

/// What a grant is about, where one of both has to be named.
pub async fn one_scope(
    session: &Session,
    named: &crate::args::grant::Scope,
) -> Result<Scope, Failure> {
    // Somebody else's folder (for anybody's `grant expire`) has no name here, but an address.
    let scope = scope(session, named.folder.as_deref(), named.record.as_deref()).await?;
    scope.ok_or_else(|| {
        Failure::usage("what it is about is missing").with_hint("name it with --folder or --record")
    })
}
