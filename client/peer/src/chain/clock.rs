use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use aceso_sdk::chain::ChainTime;

use crate::permission::Unavailable;

/// Between two looks, the chain's time is taken to go on for so long and no longer.
const MOST_GUESSED: Duration = Duration::from_secs(10);
/// A node whose clock stands still for so long is cut off, or the chain has halted: who has been revoked since is not known.
const STALE: Duration = Duration::from_secs(120);

/// The chain's time as last heard. This machine's own clock plays no part, only how long it has waited.
#[derive(Debug, Default)]
pub struct ChainClock {
    heard: Mutex<Option<Heard>>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    time: ChainTime,
    at: Instant,
}

impl ChainClock {
    /// The newest wins: nodes lag behind one another.
    pub fn hear(&self, time: ChainTime) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.is_none_or(|heard| heard.time.slot < time.slot) {
            *heard = Some(Heard { time, at: Instant::now() });
        }
    }

    /// Seconds of unix time; 0 while the chain was not heard of.
    pub fn now_secs(&self) -> i64 {
        let Some(heard) = self.last() else { return 0 };
        let waited = heard.at.elapsed().min(MOST_GUESSED).as_secs();
        heard.time.unix_secs.saturating_add(i64::try_from(waited).unwrap_or(0))
    }

    /// Refuses while it is not known what the chain says now.
    pub fn require_fresh(&self) -> Result<(), Unavailable> {
        match self.last() {
            None => Err(Unavailable("it has not been heard of yet".to_owned())),
            Some(heard) if heard.at.elapsed() > STALE => {
                Err(Unavailable("its time stands still".to_owned()))
            }
            Some(_) => Ok(()),
        }
    }

    fn last(&self) -> Option<Heard> {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_slot_does_not_turn_it_back() {
        let clock = ChainClock::default();
        assert!(clock.require_fresh().is_err() && clock.now_secs() == 0);
        clock.hear(ChainTime { slot: 9, unix_secs: 1000 });
        clock.hear(ChainTime { slot: 8, unix_secs: 500 });
        assert!(clock.require_fresh().is_ok() && (1000..1005).contains(&clock.now_secs()));
        // The chain itself may correct its time.
        clock.hear(ChainTime { slot: 10, unix_secs: 990 });
        assert!((990..995).contains(&clock.now_secs()));
    }
}
