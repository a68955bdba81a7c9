//! The money of requests: what goes in comes out, and nobody is given more than was asked.

use aceso::{constants::*, state::*};
use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use proptest::prelude::*;

fn config() -> impl Strategy<Value = Config> {
    (
        0..=MAX_REQUEST_DEPOSIT_LAMPORTS,
        any::<prop::sample::Index>(),
        MIN_REQUEST_TTL_SECS..=MAX_REQUEST_TTL_SECS,
    )
        .prop_map(|(deposit, fee, request_ttl_secs)| {
            let mut config = Config::zeroed();
            let settings = Settings {
                request_deposit_lamports: deposit,
                request_fee_lamports: fee.index(deposit as usize + 1) as u64,
                request_ttl_secs,
            };
            config.update(settings).expect("within the bounds");
            config
        })
}

fn ask(config: &Config, deposit_lamports: u64) -> Ask {
    Ask {
        scope_kind: ScopeKind::OwnersChoice,
        scope: Pubkey::default(),
        purpose: Purpose::Research as u8,
        permissions: PERMIT_OPEN | PERMIT_HISTORY,
        duration_secs: 1_000,
        reason: Blob { digest: [1; 32], len: 10 },
        ttl_secs: config.request_ttl_secs,
        deposit_lamports,
    }
}

#[derive(Clone, Copy, Debug)]
enum End {
    Returned,
    Expired,
}

proptest! {
    /// Over any history, what payers put in is what they get back and what Config keeps; the settings of later
    /// do not reach back.
    #[test]
    fn deposits_are_conserved(
        configs in prop::collection::vec((config(), prop::bool::ANY, 0..1_000u64), 1..40),
    ) {
        let (mut paid_in, mut paid_back, mut withdrawn) = (0u128, 0u128, 0u128);
        let mut live = Config::zeroed();
        for (settings, expires, extra) in configs {
            let fees = live.fees_lamports;
            live = Config { fees_lamports: fees, ..settings };
            let deposit = settings.request_deposit_lamports.saturating_add(extra).min(MAX_REQUEST_DEPOSIT_LAMPORTS);
            let mut request = Request::zeroed();
            let (owner, requester) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32]));
            request.open(owner, requester, [0; 16], &ask(&live, deposit), &live, 50).unwrap();
            prop_assert!(request.fee_lamports <= request.deposit_lamports);
            paid_in += u128::from(request.deposit_lamports);
            // A later change of the settings does not change this request.
            live.request_fee_lamports = 0;
            match if expires { End::Expired } else { End::Returned } {
                End::Returned => paid_back += u128::from(request.deposit_lamports),
                End::Expired => {
                    prop_assert!(request.require_expired(request.expires_at_secs).is_err());
                    request.require_expired(request.expires_at_secs + 1).unwrap();
                    live.collect_fee(request.fee_lamports).unwrap();
                    paid_back += u128::from(request.deposit_lamports - request.fee_lamports);
                }
            }
            if live.fees_lamports > 10_000 {
                withdrawn += u128::from(live.withdraw_fees().unwrap());
            }
            prop_assert_eq!(paid_in, paid_back + withdrawn + u128::from(live.fees_lamports));
        }
    }

    /// An approval gives at most what was asked.
    #[test]
    fn an_approval_gives_no_more_than_was_asked(
        purpose in 0..20u8, permissions in 0..16u16, from in -100i64..5_000, secs in -10i64..3_000, now in 0i64..100,
    ) {
        let mut config = Config::zeroed();
        config.update(Settings { request_deposit_lamports: 5, request_fee_lamports: 1, request_ttl_secs: 7_200 }).unwrap();
        let mut request = Request::zeroed();
        let (owner, requester) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32]));
        request.open(owner, requester, [0; 16], &ask(&config, 5), &config, 0).unwrap();
        let terms = Terms { purpose, permissions, from_secs: from, until_secs: from + secs };
        if request.require_covers(&owner, &terms, now).is_ok() {
            prop_assert_eq!(purpose, Purpose::Research as u8);
            prop_assert_eq!(permissions & !(PERMIT_OPEN | PERMIT_HISTORY), 0);
            // Time that the reader can really read in.
            prop_assert!(terms.until_secs - terms.from_secs.max(now) <= request.duration_secs);
        }
    }
}
