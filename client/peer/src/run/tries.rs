use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use super::Failing;
use crate::duty::Duty;

/// After the first failure of a duty, and after many. Well below the shortest window of an epoch.
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(60);

/// Duties that failed, and when each is tried again.
#[derive(Default)]
pub(super) struct Tries {
    failed: HashMap<String, Failed>,
}

struct Failed {
    times: u32,
    again: Instant,
    duty: &'static str,
    why: String,
}

impl Tries {
    pub fn is_ready(&self, duty: &Duty) -> bool {
        self.failed.get(&key(duty)).is_none_or(|failed| failed.again <= Instant::now())
    }

    pub fn succeeded(&mut self, duty: &Duty) {
        self.failed.remove(&key(duty));
    }

    /// Says how often it has failed now.
    pub fn failed(&mut self, duty: &Duty, why: String) -> u32 {
        let failed = self.failed.entry(key(duty)).or_insert_with(|| Failed {
            times: 0,
            again: Instant::now(),
            duty: duty.name(),
            why: String::new(),
        });
        failed.times = failed.times.saturating_add(1);
        let wait = FIRST.saturating_mul(1 << (failed.times - 1).min(10));
        (failed.again, failed.why) = (Instant::now() + wait.min(MOST), why);
        failed.times
    }

    /// Forgets what is not due any more.
    pub fn keep(&mut self, duties: &[Duty]) {
        let due: HashSet<String> = duties.iter().map(key).collect();
        self.failed.retain(|key, _| due.contains(key));
    }

    /// How long until the next duty may be tried again; long, where none waits.
    pub fn next(&self) -> Duration {
        let again = self.failed.values().map(|failed| failed.again).min();
        again.map_or(Duration::MAX, |again| again.saturating_duration_since(Instant::now()))
    }

    pub fn failing(&self) -> Vec<Failing> {
        let mut failing: Vec<Failing> = self
            .failed
            .values()
            .map(|f| Failing { duty: f.duty.to_owned(), times: f.times, why: f.why.clone() })
            .collect();
        failing.sort_by(|one, other| (&one.duty, &one.why).cmp(&(&other.duty, &other.why)));
        failing
    }
}

/// The same for the same thing to do, whatever else has changed.
fn key(duty: &Duty) -> String {
    match duty {
        Duty::Prove { seq, .. } => format!("prove {seq}"),
        Duty::AnswerSpot { lease, .. } => format!("answer_spot {lease}"),
        Duty::Settle { leases } | Duty::Apply { leases } => {
            format!("{} {}", duty.name(), leases.first().copied().unwrap_or_default())
        }
        duty => format!("{duty:?}"),
    }
}

#[cfg(test)]
mod tests {
    use aceso_sdk::chain::Pubkey;

    use super::*;

    #[test]
    fn what_failed_waits_and_what_is_not_due_is_forgotten() {
        let (draw, prove) =
            (Duty::Draw, Duty::Prove { seq: 3, challenges: vec![1, 2], until_secs: 9 });
        let mut tries = Tries::default();
        assert!(tries.is_ready(&draw) && tries.next() == Duration::MAX);
        assert_eq!((tries.failed(&draw, "x".into()), tries.failed(&draw, "y".into())), (1, 2));
        tries.failed(&prove, "z".into());
        let fewer = Duty::Prove { seq: 3, challenges: vec![2], until_secs: 9 };
        assert!(!tries.is_ready(&draw) && !tries.is_ready(&fewer) && tries.next() <= FIRST);
        assert_eq!(tries.failing()[0].why, "y");
        tries.keep(std::slice::from_ref(&fewer));
        assert!(tries.is_ready(&draw));
        tries.succeeded(&fewer);
        assert!(tries.is_ready(&prove));
        assert_ne!(
            key(&Duty::End { lease: Pubkey::default() }),
            key(&Duty::End { lease: Pubkey::new_from_array([1; 32]) })
        );
    }
}
