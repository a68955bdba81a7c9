//! Events, out of the calls of the program to itself.
//!
//! A log line can be cut off and written by anybody; a call of the program to itself under its event authority can come
//! from nobody else. So three things are checked: that the program is ours, the tag of such calls, and the kind of event.

use aceso::event::{
    Audited, BeaconChanged, ConfigChanged, DelegateChanged, LeaseChanged, LeasesSettled,
    MarketChanged, PeerChanged, ProfileChanged, ProofsAccepted, RequestChanged, SetApplied,
};
use anchor_lang::{AnchorDeserialize, Discriminator, event::EVENT_IX_TAG_LE};
use serde_json::Value;

use super::address;

/// What the program said about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Audited(Audited),
    Config(ConfigChanged),
    Profile(ProfileChanged),
    Delegate(DelegateChanged),
    Request(RequestChanged),
    Market(MarketChanged),
    Beacon(BeaconChanged),
    Peer(PeerChanged),
    Lease(LeaseChanged),
    Settled(LeasesSettled),
    Proofs(ProofsAccepted),
    Set(SetApplied),
}

impl Event {
    /// Reads the data of a call; nothing, if it is not an event or of a kind that is not known here.
    pub fn decode(data: &[u8]) -> Option<Self> {
        let event = data.strip_prefix(EVENT_IX_TAG_LE)?;
        read(event)
            .map(Self::Audited)
            .or_else(|| read(event).map(Self::Config))
            .or_else(|| read(event).map(Self::Profile))
            .or_else(|| read(event).map(Self::Delegate))
            .or_else(|| read(event).map(Self::Request))
            .or_else(|| read(event).map(Self::Market))
            .or_else(|| read(event).map(Self::Beacon))
            .or_else(|| read(event).map(Self::Peer))
            .or_else(|| read(event).map(Self::Lease))
            .or_else(|| read(event).map(Self::Settled))
            .or_else(|| read(event).map(Self::Proofs))
            .or_else(|| read(event).map(Self::Set))
    }

    /// The events of a transaction as `getTransaction` with encoding `json` gives it, in their order.
    pub fn of_transaction(transaction: &Value) -> Vec<Self> {
        let (program, authority) =
            (address::PROGRAM.to_string(), address::event_authority().to_string());
        let keys = account_keys(transaction);
        let key = |index: &Value| index.as_u64().and_then(|at| keys.get(usize::try_from(at).ok()?));
        let inner = transaction["meta"]["innerInstructions"].as_array();
        let calls = inner.into_iter().flatten().filter_map(|set| set["instructions"].as_array());
        calls
            .flatten()
            .filter(|call| {
                key(&call["programIdIndex"]).is_some_and(|key| *key == program)
                    && key(&call["accounts"][0]).is_some_and(|key| *key == authority)
            })
            .filter_map(|call| {
                let data = bs58::decode(call["data"].as_str()?).into_vec().ok()?;
                Self::decode(&data)
            })
            .collect()
    }
}

/// An event of one kind, with nothing after it.
fn read<E: Discriminator + AnchorDeserialize>(event: &[u8]) -> Option<E> {
    let mut body = event.strip_prefix(E::DISCRIMINATOR)?;
    let event = E::deserialize(&mut body).ok()?;
    body.is_empty().then_some(event)
}

/// Addresses in the order that indexes count them: the message's own, then those of lookup tables.
fn account_keys(transaction: &Value) -> Vec<&str> {
    let lists = [
        &transaction["transaction"]["message"]["accountKeys"],
        &transaction["meta"]["loadedAddresses"]["writable"],
        &transaction["meta"]["loadedAddresses"]["readonly"],
    ];
    lists.into_iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use aceso::event::ProfileAction;
    use anchor_lang::{Event as _, prelude::Pubkey};
    use serde_json::json;

    use super::*;
    use crate::chain::Blob;

    fn event() -> ProfileChanged {
        ProfileChanged {
            action: ProfileAction::Created,
            profile: Pubkey::new_from_array([1; 32]),
            authority: Pubkey::new_from_array([2; 32]),
            pending_authority: Pubkey::default(),
            key_version: 1,
            bundle: Blob { digest: [3; 32], len: 9 },
        }
    }

    fn data() -> Vec<u8> {
        [EVENT_IX_TAG_LE, &event().data()].concat()
    }

    fn transaction(program: &str, authority: &str, data: &[u8]) -> Value {
        json!({
            "transaction": { "message": { "accountKeys": ["payer", program] } },
            "meta": {
                "loadedAddresses": { "writable": [], "readonly": [authority] },
                "innerInstructions": [{ "index": 0, "instructions": [
                    { "programIdIndex": 1, "accounts": [2], "data": bs58::encode(data).into_string() },
                ]}],
            },
        })
    }

    #[test]
    fn only_the_programs_own_calls_are_events() {
        let (program, authority) =
            (address::PROGRAM.to_string(), address::event_authority().to_string());
        let of = |p: &str, a: &str, d: &[u8]| Event::of_transaction(&transaction(p, a, d));
        assert_eq!(of(&program, &authority, &data()), [Event::Profile(event())]);
        assert_eq!(of("11111111111111111111111111111111", &authority, &data()), []);
        assert_eq!(of(&program, "11111111111111111111111111111111", &data()), []);
    }

    #[test]
    fn damaged_events_are_none() {
        let good = data();
        assert!(Event::decode(&good).is_some());
        assert!(Event::decode(&good[..good.len() - 1]).is_none());
        assert!(Event::decode(&[&good[..], &[0]].concat()).is_none());
        for at in [0, 7, 8, 15] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(Event::decode(&bad).is_none(), "byte {at}");
        }
    }
}
