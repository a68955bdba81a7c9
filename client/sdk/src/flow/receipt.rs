use crate::chain::{Sent, Signature};

/// The transactions of an action; one approval each. Their fate is known: all are in.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    pub sent: Vec<Sent>,
}

impl Receipt {
    pub fn approvals(&self) -> usize {
        self.sent.len()
    }

    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.sent.iter().map(|sent| &sent.signature)
    }

    pub(super) fn push(&mut self, sent: Sent) {
        self.sent.push(sent);
    }

    pub(super) fn extend(&mut self, other: Receipt) {
        self.sent.extend(other.sent);
    }
}

impl From<Vec<Sent>> for Receipt {
    fn from(sent: Vec<Sent>) -> Self {
        Self { sent }
    }
}

impl From<Sent> for Receipt {
    fn from(sent: Sent) -> Self {
        Self { sent: vec![sent] }
    }
}
