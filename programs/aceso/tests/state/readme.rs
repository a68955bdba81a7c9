//! README.md says where every field lies; so does the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::{offset_of, size_of},
};

use aceso::{error::AcesoError, state::*};

const README: &str = include_str!("../../README.md");

/// (field, offset behind the start of the account's data, bytes)
type Fields = Vec<(String, usize, usize)>;

macro_rules! fields {
    ($type:ident { $($field:ident),* $(,)? }) => {{
        // Fails to compile when a field is missing here.
        fn _all($type { $($field: _),* }: $type) {}
        fn bytes<T, F>(_: impl Fn(&T) -> &F) -> usize { size_of::<F>() }
        let list = vec![$((
            stringify!($field).to_owned(),
            8 + offset_of!($type, $field),
            bytes(|account: &$type| &account.$field),
        )),*];
        (stringify!($type), $type::SPACE, list)
    }};
}

fn accounts() -> Vec<(&'static str, usize, Fields)> {
    vec![
        fields!(Config {
            meta,
            admin,
            pending_admin,
            request_deposit_lamports,
            request_fee_lamports,
            request_ttl_secs,
            fees_lamports,
            paused,
            padding,
            market,
            reserved,
        }),
        fields!(Profile {
            meta,
            authority,
            pending_authority,
            creator,
            id,
            bundle_digest,
            bundle_len,
            key_version,
            nonce,
            folders,
            delegates,
            retired,
            padding,
            reserved_factor,
            reserved,
        }),
        fields!(Delegate {
            meta,
            owner,
            profile,
            folder,
            folder_created_slot,
            until_secs,
            capabilities,
            padding,
            reserved,
        }),
        fields!(Folder {
            meta,
            owner,
            id,
            keyring_by,
            keyring_digest,
            previous_keyring_digest,
            keyring_len,
            previous_keyring_len,
            epoch,
            members_version,
            records,
            grants,
            earliest_until_secs,
            epoch_at_secs,
            audit_head,
            audit_count,
            rotate_due,
            padding,
            reserved_policy,
            reserved,
        }),
        fields!(Record {
            meta,
            owner,
            folder,
            author,
            id,
            head_by,
            head_digest,
            content_digest,
            content_len,
            head_len,
            version,
            epoch,
            inbox_key_version,
            members_version,
            grants,
            created_at_secs,
            updated_at_secs,
            audit_head,
            audit_count,
            archived,
            padding,
            reserved,
        }),
        fields!(Grant {
            meta,
            scope,
            reader,
            owner,
            folder,
            granted_by,
            scope_created_slot,
            from_secs,
            until_secs,
            last_opened_at_secs,
            openings,
            number,
            reader_key_version,
            permissions,
            purpose,
            scope_kind,
            reserved,
        }),
        fields!(Request {
            meta,
            owner,
            requester,
            scope,
            id,
            reason_digest,
            duration_secs,
            created_at_secs,
            expires_at_secs,
            deposit_lamports,
            fee_lamports,
            reason_len,
            permissions,
            purpose,
            scope_kind,
            reserved,
        }),
        fields!(Beacon { meta, epoch_secs, armed_epoch, target_slot, arms, draws, ring, reserved }),
        fields!(Ledger {
            meta,
            peer,
            peer_created_slot,
            epoch_secs,
            terms,
            total,
            slots,
            capacity,
            removals,
            answered,
            defaulted,
            failed,
            closed,
            padding,
            pinned,
            next_seq,
            ranges,
            losses,
            credited_until,
            credited,
            reserved,
        }),
        fields!(Peer {
            meta,
            profile,
            operator,
            mint,
            token_program,
            vault,
            payout,
            bond,
            locked,
            escrow,
            owed,
            earned,
            price_flat,
            price_per_gib,
            lock_floor,
            bond_min,
            drain_epoch,
            leases,
            live,
            share_key,
            endpoint,
            endpoint_len,
            status,
            padding,
            reserved,
        }),
        fields!(Lease {
            meta,
            owner,
            peer,
            scope,
            root,
            digest,
            next_root,
            next_digest,
            spot_checker,
            peer_created_slot,
            scope_created_slot,
            stored_len,
            next_len,
            weight,
            price,
            lock,
            escrow,
            owed,
            from_epoch,
            until_epoch,
            settled_epoch,
            offer_until_secs,
            ended_at_secs,
            spot_offset,
            spot_deposit_lamports,
            spot_until_secs,
            spot_until_draws,
            epochs,
            slot,
            has_slot,
            status,
            end,
            kind,
            number,
            padding,
            reserved,
        }),
    ]
}

fn section(title: &str) -> &'static str {
    let start = README.find(&format!("\n{title}")).unwrap_or_else(|| panic!("no section {title}"));
    let rest = &README[start + 1..];
    let level = title.chars().take_while(|c| *c == '#').count();
    let ends = (1..=level).filter_map(|n| rest.find(&format!("\n{} ", "#".repeat(n))));
    &rest[..ends.min().unwrap_or(rest.len())]
}

/// First cells of the rows of a section's tables, with the other cells.
fn rows(section: &str) -> Vec<Vec<String>> {
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect())
        .collect()
}

fn unquoted(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn offsets_and_sizes_are_those_of_the_code() {
    for (name, space, fields) in accounts() {
        let section = section(&format!("### {name}"));
        assert!(section.contains(&format!("{space} bytes")), "{name} has {space} bytes");
        let written: Fields = rows(section)
            .into_iter()
            .map(|row| {
                let number = |cell: &str| cell.parse().expect("a number");
                (unquoted(&row[0]), number(&row[1]), number(&row[2]))
            })
            .collect();
        assert_eq!(written, fields, "{name}");
    }
}

#[test]
fn every_instruction_and_every_audit_action_is_described() {
    let source = include_str!("../../src/lib.rs").split("#[program]").nth(1).expect("the program");
    let instructions: BTreeSet<String> = source
        .split("pub fn ")
        .skip(1)
        .map(|rest| rest.split('(').next().expect("a name").to_owned())
        .collect();
    let listed: BTreeSet<String> =
        rows(section("## Instructions")).iter().map(|row| unquoted(&row[0])).collect();
    assert_eq!(listed, instructions);

    let actions: BTreeMap<usize, String> = (0u8..)
        .map_while(|n| <Action as anchor_lang::AnchorDeserialize>::try_from_slice(&[n]).ok())
        .map(|action| (action as usize, format!("{action:?}")))
        .collect();
    let listed: BTreeMap<usize, String> = rows(section("## Audit entries"))
        .iter()
        .map(|row| (row[1].parse().expect("a number"), unquoted(&row[0])))
        .collect();
    assert_eq!(listed, actions);
}

#[test]
fn every_error_that_the_readme_names_exists() {
    let names: BTreeSet<String> = include_str!("../../src/error.rs")
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| line.chars().all(char::is_alphanumeric))
        .map(str::to_owned)
        .collect();
    assert!(names.contains(&AcesoError::NotOwner.name()));
    for row in rows(section("## Instructions")) {
        let own = row[5].split(',').map(str::trim).filter(|cell| !cell.starts_with("those of "));
        for error in own.map(|name| name.trim_matches('`')) {
            assert!(error.is_empty() || names.contains(error), "{}: {error}", row[0]);
        }
    }
}
