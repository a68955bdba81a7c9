use super::lease_update;
use crate::{
    app::App,
    args::folder::FolderRotate,
    exit::Failure,
    find,
    render::{folder, grant, receipt},
    show,
};

pub async fn run(app: &App, args: &FolderRotate) -> Result<(), Failure> {
    let session = app.session().await?;
    let address = find::folder(&session, &args.folder).await?;
    let rotated = match args.from_own {
        true => session.folder_rotate_from_own(address).await?,
        false => session.folder_rotate(address).await?,
    };
    receipt::tell(&app.printer, &rotated.receipt);
    let mut value = folder::rotated(&rotated);
    value["leases"] = lease_update::follow(app, &session, &[address]).await;
    app.printer.data(&value, || {
        let readers = show::count(rotated.readers.len(), "reader");
        format!(
            "Folder {} has a new key (epoch {}), sealed to you and {readers}.",
            args.folder, rotated.epoch
        )
    })?;
    grant::warn_left_out(&app.printer, rotated.left_out);
    Ok(())
}
