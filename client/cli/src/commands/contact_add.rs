use aceso_sdk::flow::ContactAdd as Add;

use crate::{app::App, args::contact::ContactAdd, exit::Failure, render::contact};

pub async fn run(app: &App, args: &ContactAdd) -> Result<(), Failure> {
    let session = app.session().await?;
    let view =
        session.contact_add(Add { name: args.name.clone(), profile: args.address.key() }).await?;
    app.printer.data(&contact::view(&view), || contact::facts(&view).render())?;
    if !view.verified {
        app.printer.say(format_args!(
            "Compare the fingerprint with {} by phone or in person, then run: aceso contact verify {:?}",
            view.name, view.name
        ));
    }
    Ok(())
}
