//! The mutations that every account of every call goes through, derived from the call alone.

use aceso::{error::AcesoError, state::*};
use anchor_lang::{error::ErrorCode, prelude::Pubkey, Discriminator};
use solana_account::Account;
use solana_instruction_error::InstructionError;

use super::{
    call::{Call, Slot},
    clinic::Clinic,
    mutation::{Expect, Mutation},
    token::{error::OWNER_MISMATCH, SPL_TOKEN, TOKEN_2022},
    world::{World, SYSTEM},
};

const TYPES: [(&str, &[u8]); 11] = [
    ("config", Config::DISCRIMINATOR),
    ("profile", Profile::DISCRIMINATOR),
    ("delegate", Delegate::DISCRIMINATOR),
    ("folder", Folder::DISCRIMINATOR),
    ("record", Record::DISCRIMINATOR),
    ("grant", Grant::DISCRIMINATOR),
    ("request", Request::DISCRIMINATOR),
    ("beacon", Beacon::DISCRIMINATOR),
    ("peer", Peer::DISCRIMINATOR),
    ("ledger", Ledger::DISCRIMINATOR),
    ("lease", Lease::DISCRIMINATOR),
];

/// What an account of a call is, judged by its name and by what lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An account of the program, of this type.
    State(&'static str),
    /// Nothing there yet: the call creates it.
    Vacant,
    /// An account of the program, of any type.
    Any,
    /// A wallet that signs.
    Signer,
    /// The wallet that gets rent back.
    RentPayer,
    /// A wallet that receives what the signer says.
    Receiver,
    /// The wallet whose spot check is open.
    Checker,
    /// A token account.
    Tokens,
    Mint,
    TokenProgram,
    SlotHashes,
    /// A lease behind the accounts that the program names.
    Remaining,
    SystemProgram,
    ProgramData,
    EventAuthority,
    Program,
}

fn type_of(world: &World, key: &Pubkey) -> Option<&'static str> {
    let account = world.account(key).filter(|account| account.owner == aceso::ID)?;
    TYPES.iter().find(|(_, tag)| account.data.starts_with(tag)).map(|(name, _)| *name)
}

fn kind_of(world: &World, slot: &Slot) -> Kind {
    match slot.name {
        "system_program" => Kind::SystemProgram,
        "program_data" => Kind::ProgramData,
        "event_authority" => Kind::EventAuthority,
        "program" => Kind::Program,
        "rent_payer" => Kind::RentPayer,
        "account" => Kind::Any,
        "receiver" | "answerer" => Kind::Receiver,
        "checker" if !slot.meta.is_signer => Kind::Checker,
        "source" | "destination" | "payout" => Kind::Tokens,
        "vault" if world.account(&slot.meta.pubkey).is_some() => Kind::Tokens,
        "mint" => Kind::Mint,
        "token_program" => Kind::TokenProgram,
        "slot_hashes" => Kind::SlotHashes,
        name if name.starts_with("leases[") => Kind::Remaining,
        "actor_grant" if slot.is_absent() => Kind::State("grant"),
        name if slot.is_absent() => {
            let known = TYPES.iter().find(|(known, _)| *known == name);
            Kind::State(known.unwrap_or_else(|| panic!("what is an absent {name}?")).0)
        }
        _ if slot.meta.is_signer => Kind::Signer,
        _ => type_of(world, &slot.meta.pubkey).map_or(Kind::Vacant, Kind::State),
    }
}

/// All mutations of the accounts of `call`.
pub fn mutations(clinic: &Clinic, call: &Call) -> Vec<Mutation> {
    call.slots
        .iter()
        .flat_map(|slot| {
            let kind = kind_of(&clinic.world, slot);
            let mut list = flags(slot, kind);
            list.extend(in_place(slot, kind));
            list.extend(replacements(clinic, call, slot, kind));
            list
        })
        .collect()
}

/// Signature and write access taken away.
fn flags(slot: &Slot, kind: Kind) -> Vec<Mutation> {
    let name = slot.name;
    let mut list = Vec::new();
    if slot.meta.is_signer {
        let expect = Some(ErrorCode::AccountNotSigner.into());
        let key = slot.meta.pubkey;
        list.push(Mutation::of_call(format!("{name}: unsigned"), expect, move |call| {
            // The same wallet may stand in two places.
            for slot in call.slots.iter_mut().filter(|slot| slot.meta.pubkey == key) {
                slot.meta.is_signer = false;
            }
        }));
    }
    if slot.meta.is_writable && !slot.is_absent() {
        let expect = Some(ErrorCode::ConstraintMut.into());
        list.push(Mutation::of_call(format!("{name}: read-only"), expect, move |call| {
            call.meta_mut(name).is_writable = false;
        }));
    }
    debug_assert!(kind != Kind::Vacant || slot.meta.is_writable);
    list
}

/// The same address with something else on it.
fn in_place(slot: &Slot, kind: Kind) -> Vec<Mutation> {
    let (name, key) = (slot.name, slot.meta.pubkey);
    match kind {
        Kind::Any => vec![Mutation::new(
            format!("{name}: closed"),
            Some(ErrorCode::AccountOwnedByWrongProgram.into()),
            move |world, _| world.remove(key),
        )],
        Kind::Tokens | Kind::Mint if !slot.is_absent() => {
            let mut list = vec![
                Mutation::new(format!("{name}: closed"), None, move |world, _| {
                    world.close_tokens(&key);
                }),
                Mutation::new(format!("{name}: of another program"), None, move |world, _| {
                    let account = world.account(&key).expect("it exists");
                    world.put(key, Account { owner: Pubkey::new_from_array([7; 32]), ..account });
                }),
            ];
            if kind == Kind::Tokens {
                list.push(Mutation::new(format!("{name}: frozen"), None, move |world, _| {
                    world.freeze(&key);
                }));
            }
            list
        }
        Kind::State(_) | Kind::Remaining if !slot.is_absent() => vec![
            Mutation::new(
                format!("{name}: of another program"),
                Some(ErrorCode::AccountOwnedByWrongProgram.into()),
                move |world, _| {
                    let account = world.account(&key).expect("it exists");
                    world.put(key, Account { owner: Pubkey::new_from_array([7; 32]), ..account });
                },
            ),
            Mutation::new(
                format!("{name}: with another discriminator"),
                Some(ErrorCode::AccountDiscriminatorMismatch.into()),
                move |world, _| {
                    let mut account = world.account(&key).expect("it exists");
                    let other = TYPES.iter().find(|(_, tag)| !account.data.starts_with(tag));
                    account.data[..8].copy_from_slice(other.expect("eleven").1);
                    world.put(key, account);
                },
            ),
            Mutation::new(
                format!("{name}: truncated"),
                Some(ErrorCode::AccountDidNotDeserialize.into()),
                move |world, _| {
                    let mut account = world.account(&key).expect("it exists");
                    let ledger = account.data.starts_with(Ledger::DISCRIMINATOR);
                    // Behind a ledger's header lies its tree.
                    let len = if ledger { Ledger::SPACE } else { account.data.len() };
                    account.data.truncate(len - 1);
                    world.put(key, account);
                },
            ),
            Mutation::new(
                format!("{name}: closed"),
                Some(ErrorCode::AccountOwnedByWrongProgram.into()),
                move |world, _| world.remove(key),
            ),
            Mutation::new(
                format!("{name}: re-created"),
                Some(Expect::Accepted("nothing in this call names the slot of its creation")),
                move |world, _| {
                    let mut account = world.account(&key).expect("it exists");
                    // created_slot lies behind the discriminator and the payer.
                    account.data[40] ^= 1;
                    world.put(key, account);
                },
            ),
        ],
        Kind::Vacant => vec![
            Mutation::new(
                format!("{name}: exists already"),
                Some(AcesoError::AlreadyExists.into()),
                move |world, _| {
                    let account = Account {
                        lamports: 1_000_000_000,
                        data: vec![0; 8],
                        owner: aceso::ID,
                        ..Account::default()
                    };
                    world.put(key, account);
                },
            ),
            Mutation::new(
                format!("{name}: of another program"),
                Some(AcesoError::AlreadyExists.into()),
                move |world, _| {
                    let owner = Pubkey::new_from_array([7; 32]);
                    world
                        .put(key, Account { lamports: 1_000_000_000, owner, ..Account::default() });
                },
            ),
            Mutation::new(
                format!("{name}: holds lamports already"),
                Some(Expect::Accepted("lamports sent beforehand count as rent")),
                move |world, _| {
                    world.put(key, Account { lamports: 1_000_000, ..Account::default() });
                },
            ),
        ],
        Kind::ProgramData => vec![Mutation::new(
            format!("{name}: without an upgrade authority"),
            Some(AcesoError::NotUpgradeAuthority.into()),
            |world, _| world.set_upgrade_authority(None),
        )],
        _ => Vec::new(),
    }
}

/// Every account of the world in its place: other owners', other types', and those that the call names elsewhere.
fn replacements(clinic: &Clinic, call: &Call, slot: &Slot, kind: Kind) -> Vec<Mutation> {
    let candidates = candidates(clinic, slot, kind);
    let name = slot.name;
    candidates
        .into_iter()
        .map(|key| {
            let other = clinic.name(&key);
            let found = type_of(&clinic.world, &key);
            let expect = match (kind, found) {
                (Kind::State(of), Some(found)) if of == found => None,
                (Kind::State(_), Some(_)) => Some(ErrorCode::AccountDiscriminatorMismatch.into()),
                (Kind::State(_), None) => Some(ErrorCode::AccountOwnedByWrongProgram.into()),
                (Kind::Any, Some(_)) => Some(AcesoError::LayoutCurrent.into()),
                (Kind::Any, None) => Some(ErrorCode::AccountOwnedByWrongProgram.into()),
                (Kind::Vacant, _) => Some(ErrorCode::ConstraintSeeds.into()),
                (Kind::Signer, _) => signer(name),
                (Kind::RentPayer, _) => Some(AcesoError::WrongRentPayer.into()),
                (Kind::Receiver, _) => Some(Expect::Accepted("whoever signs names the receiver")),
                (Kind::Checker, _) => Some(AcesoError::WrongChecker.into()),
                (Kind::Tokens, _) if name == "vault" => Some(AcesoError::WrongVault.into()),
                (Kind::Tokens | Kind::Remaining, _) => None,
                (Kind::Mint, _) => Some(AcesoError::WrongMint.into()),
                (Kind::TokenProgram, _) => Some(AcesoError::WrongTokenProgram.into()),
                (Kind::SlotHashes, _) => Some(ErrorCode::ConstraintAddress.into()),
                (Kind::SystemProgram, _) => Some(ErrorCode::InvalidProgramId.into()),
                (Kind::ProgramData, _) => Some(ErrorCode::AccountOwnedByWrongProgram.into()),
                (Kind::EventAuthority, _) => Some(ErrorCode::ConstraintAddress.into()),
                // The call to itself needs the program among the accounts, under whatever name.
                (Kind::Program, _) if call.slots.iter().any(Slot::is_absent) => {
                    Some(Expect::Accepted("the program stands for an optional account too"))
                }
                (Kind::Program, _) => Some(InstructionError::MissingAccount.into()),
            };
            // Another account of the right type is for the fixture to judge.
            let label = match (kind, found) {
                (Kind::State(of), Some(found)) if of == found => {
                    format!("{name}: another {of} ({other})")
                }
                (Kind::Remaining, Some("lease")) => format!("{name}: another lease ({other})"),
                _ => format!("{name}: {other} in its place"),
            };
            let absent = slot.is_absent();
            Mutation::of_call(label, expect, move |call| {
                call.replace(name, key);
                // What Anchor leaves out, it leaves out read-only.
                call.meta_mut(name).is_writable |= absent;
            })
        })
        .collect()
}

/// What is tried in the place of an account: all of its own kind, and one of each other.
fn candidates(clinic: &Clinic, slot: &Slot, kind: Kind) -> Vec<Pubkey> {
    let world = &clinic.world;
    let (own, wallets) = match kind {
        Kind::State(of) => (Some(of), 1),
        Kind::Remaining => (Some("lease"), 1),
        Kind::Receiver | Kind::Signer | Kind::Checker | Kind::RentPayer => (None, usize::MAX),
        _ => (None, 1),
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut keys = world.program_accounts();
    keys.retain(|key| {
        let Some(found) = type_of(world, key) else { return true };
        let another = !seen.contains(&found);
        seen.push(found);
        another || own == Some(found)
    });
    match kind {
        Kind::Receiver | Kind::Signer | Kind::Checker => keys.clear(),
        Kind::SystemProgram => {
            keys.truncate(1);
            keys.push(aceso::ID);
        }
        Kind::TokenProgram => keys = vec![aceso::ID, SYSTEM, SPL_TOKEN, TOKEN_2022],
        Kind::Tokens | Kind::Mint => {
            keys.truncate(1);
            keys.extend(world.token_keys());
        }
        _ => {}
    }
    keys.extend(world.wallets().take(wallets));
    keys.retain(|key| *key != slot.meta.pubkey);
    keys
}

/// Another wallet signs.
fn signer(name: &str) -> Option<Expect> {
    Some(match name {
        "authority" => AcesoError::NotAuthority.into(),
        "admin" => AcesoError::NotAdmin.into(),
        "candidate" => AcesoError::NotProposed.into(),
        "payer" => Expect::Accepted("whoever signs may pay"),
        "operator" => AcesoError::NotOperator.into(),
        "funder" => InstructionError::Custom(OWNER_MISMATCH).into(),
        "checker" => Expect::Accepted("anyone may check"),
        other => panic!("who may sign as {other}?"),
    })
}
