use aceso_sdk::flow::RecordList as List;

use crate::{
    app::App,
    args::record::RecordList,
    exit::Failure,
    find,
    render::{Names, record},
};

pub async fn run(app: &App, args: &RecordList) -> Result<(), Failure> {
    let session = app.session().await?;
    let (list, empty) = if args.shared {
        (
            List::Shared { owner: None },
            "Nothing is shared with you. To ask somebody: aceso request create OWNER",
        )
    } else if args.filed {
        (List::Filed, "You have filed nothing for others.")
    } else {
        let folder = match &args.folder {
            Some(name) => Some(find::folder(&session, name).await?),
            None => None,
        };
        (List::Own { folder }, "No records yet. Put one: aceso record put FILE")
    };
    let mut views = session.record_list(list).await?;
    views.retain(|view| args.all || !view.archived);
    views.sort_by_key(|view| std::cmp::Reverse(view.updated_at_secs));
    let (value, text) = record::table(views, &Names(&session), empty);
    app.printer.data(&value, || text)
}
