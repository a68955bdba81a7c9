//! Events: the data of the program's calls to itself.

use aceso::{event::*, state::Audited};
use anchor_lang::{event::EVENT_IX_TAG_LE, AnchorDeserialize, Discriminator};
use litesvm::types::TransactionMetadata;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Audited(Audited),
    Config(ConfigChanged),
    Delegate(DelegateChanged),
    Profile(ProfileChanged),
    Request(RequestChanged),
    Market(MarketChanged),
    Beacon(BeaconChanged),
    Peer(PeerChanged),
    Lease(LeaseChanged),
    Settled(LeasesSettled),
    Proofs(ProofsAccepted),
    Set(SetApplied),
}

/// The events of a transaction in order. Everything that looks like one must decode to the last byte.
pub fn events(meta: &TransactionMetadata) -> Vec<Event> {
    meta.inner_instructions
        .iter()
        .flatten()
        .filter_map(|inner| inner.instruction.data.strip_prefix(EVENT_IX_TAG_LE))
        .map(event)
        .collect()
}

fn event(data: &[u8]) -> Event {
    let (tag, body) = data.split_at(8);
    if tag == Audited::DISCRIMINATOR {
        return Event::Audited(whole(body));
    }
    if tag == ConfigChanged::DISCRIMINATOR {
        return Event::Config(whole(body));
    }
    if tag == DelegateChanged::DISCRIMINATOR {
        return Event::Delegate(whole(body));
    }
    if tag == ProfileChanged::DISCRIMINATOR {
        return Event::Profile(whole(body));
    }
    if tag == RequestChanged::DISCRIMINATOR {
        return Event::Request(whole(body));
    }
    if tag == MarketChanged::DISCRIMINATOR {
        return Event::Market(whole(body));
    }
    if tag == BeaconChanged::DISCRIMINATOR {
        return Event::Beacon(whole(body));
    }
    if tag == PeerChanged::DISCRIMINATOR {
        return Event::Peer(whole(body));
    }
    if tag == LeaseChanged::DISCRIMINATOR {
        return Event::Lease(whole(body));
    }
    if tag == LeasesSettled::DISCRIMINATOR {
        return Event::Settled(whole(body));
    }
    if tag == ProofsAccepted::DISCRIMINATOR {
        return Event::Proofs(whole(body));
    }
    if tag == SetApplied::DISCRIMINATOR {
        return Event::Set(whole(body));
    }
    panic!("an event that no test knows: add it to tests/support/event.rs");
}

fn whole<T: AnchorDeserialize>(body: &[u8]) -> T {
    T::try_from_slice(body).expect("the event decodes to its last byte")
}
