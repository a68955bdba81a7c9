use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Folder {
    /// Make a folder
    Create(FolderCreate),
    /// Your folders, and those shared with you
    List,
    /// Change a folder's key, so that readers who left cannot open what comes after
    Rotate(FolderRotate),
    /// Close an empty folder and get its rent back
    Close(FolderClose),
}

#[derive(Args, Debug)]
pub struct FolderCreate {
    /// What you call it; nobody else sees the name
    pub name: String,
}

#[derive(Args, Debug)]
pub struct FolderRotate {
    /// Name, short id or address
    pub folder: String,
    /// Go on from the key that you made last, when the one that a delegate made cannot be fetched; what was filed to the
    /// delegate's stays unreadable
    #[arg(long)]
    pub from_own: bool,
}

#[derive(Args, Debug)]
pub struct FolderClose {
    /// Name, short id or address
    pub folder: String,
}
