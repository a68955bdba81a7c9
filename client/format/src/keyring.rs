//! The keyring of a folder: the epoch's key pair, sealed to the owner and each reader, and all earlier ones sealed to it
//! (SPEC §10).
//!
//! The newest keyring suffices to open every record of the folder. Adding a reader keeps the epoch; shutting one out makes
//! a new epoch, whose key the old readers do not get. As with heads, a [`SignedKeyring`] only makes claims,
//! a [`Keyring`] was verified, an [`OpenedKeyring`] holds seeds.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::Address32;
use crate::codec::{Reader, Writer as FieldWriter};
use crate::error::{Error, Result};
use crate::header::{Kind, PREAMBLE_LEN};
use crate::history::{self, EpochSeed};
use crate::key::{VerifyingKey, XWING_PUBLIC_LEN, XWingPublic, XWingSeed};
use crate::label;
use crate::packet::{
    MAX_PLAINTEXT_LEN, PACKET_OVERHEAD, Packet, PacketContext, Purpose, Recipient, Writer,
};
use crate::recipient::{self, Entry, RecipientKind};
use crate::signature;

/// Longest keyring, bytes.
pub const MAX_KEYRING_LEN: usize = 1 << 20;
/// The epoch that a folder starts with.
pub const FIRST_EPOCH: u32 = 1;

pub(crate) const WHAT: &str = "keyring";

/// All that goes into a new epoch.
pub struct KeyringDraft<'a> {
    /// The program.
    pub program: Address32,
    /// The folder.
    pub folder: Address32,
    /// Who signs: the owner, or a delegate who may rotate.
    pub writer: Writer<'a>,
    /// The owner.
    pub owner: &'a Recipient,
    /// Every reader of the folder, in any order.
    pub readers: &'a [Recipient],
}

impl KeyringDraft<'_> {
    /// The keyring of a new folder: its bytes, and what the writer now holds.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::RecipientRepeated`], [`Error::TooLong`].
    pub fn create(&self, rng: &mut impl CryptoRng) -> Result<(Vec<u8>, OpenedKeyring)> {
        self.seal(FIRST_EPOCH, Vec::new(), rng)
    }

    /// The keyring of the next epoch, under a fresh seed, for the owner and readers of this draft.
    ///
    /// # Errors
    /// As [`KeyringDraft::create`]; [`Error::OtherObject`] for the keyring of another folder.
    pub fn rotate(
        &self,
        previous: &OpenedKeyring,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, OpenedKeyring)> {
        if previous.program != self.program || previous.claims.folder != self.folder {
            return Err(Error::OtherObject { what: WHAT, field: "folder" });
        }
        let count = u64::from(previous.epoch()) + 1;
        let epoch = previous.epoch().checked_add(1).ok_or(Error::TooMany {
            what: "history",
            count,
            max: u64::from(u32::MAX),
        })?;
        let mut history: Vec<EpochSeed> =
            previous.history.iter().map(EpochSeed::duplicate).collect();
        history.push(EpochSeed {
            epoch: previous.epoch(),
            seed: previous.seed.duplicate(),
            public_hash: previous.claims.public.hash(),
        });
        self.seal(epoch, history, rng)
    }

    fn seal(
        &self,
        epoch: u32,
        history: Vec<EpochSeed>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, OpenedKeyring)> {
        let seed = XWingSeed::generate(rng);
        let public = seed.public();
        let context = packet_context(Purpose::Keyring, &self.program, &self.folder, epoch);
        let owner = Entry::seal(RecipientKind::Owner, self.owner, context, seed.expose(), rng)?;
        let mut entries = alloc::vec![owner];
        entries.extend(recipient::seal_readers(self.readers, context, seed.expose(), rng)?);
        recipient::check_order(WHAT, &entries)?;

        let context = packet_context(Purpose::History, &self.program, &self.folder, epoch);
        let packet = context.seal(&public, &history::encode(&history), rng)?;
        let claims = claims(self.folder, epoch, public, &self.writer, &entries);
        let opened =
            OpenedKeyring { program: self.program, claims, entries, packet, seed, history };
        Ok((opened.encode(&self.writer)?, opened))
    }
}

/// What a keyring says of itself. Not to be believed before [`SignedKeyring::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringClaims {
    /// The folder.
    pub folder: Address32,
    /// The epoch.
    pub epoch: u32,
    /// Public key of the epoch: what filers seal heads to, once verified.
    pub public: XWingPublic,
    /// Profile of the writer.
    pub writer: Address32,
    /// Version of the writer's keys.
    pub writer_key_version: u32,
    /// The owner: profile and key version.
    pub owner: (Address32, u32),
    /// The readers: profile and key version, ascending.
    pub readers: Vec<(Address32, u32)>,
}

/// A keyring whose signature nobody has checked.
pub struct SignedKeyring {
    bytes: Vec<u8>,
    claims: KeyringClaims,
    entries: Vec<Entry>,
    packet: Packet,
}

impl SignedKeyring {
    /// Reads a keyring.
    ///
    /// # Errors
    /// [`Error::TooLong`], those of the preamble, [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::FieldInvalid`],
    /// [`Error::RecipientRepeated`], [`Error::PacketSuite`], [`Error::PublicKeyInvalid`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        check_len(bytes.len())?;
        Kind::Keyring.check(bytes)?;
        let (body, _) = signature::split(&bytes[PREAMBLE_LEN..])?;
        let mut r = Reader::new(WHAT, body);
        let (folder, epoch) = (r.array()?, r.u32()?);
        if epoch < FIRST_EPOCH {
            return Err(Error::FieldInvalid { what: WHAT, field: "epoch" });
        }
        let public = XWingPublic::from_bytes(r.bytes(XWING_PUBLIC_LEN)?)?;
        let (writer, writer_key_version) = (r.array()?, r.u32()?);
        let entries = recipient::read(WHAT, &mut r)?;
        let packet = Packet::decode(r.sized("history", MAX_PLAINTEXT_LEN + PACKET_OVERHEAD)?)?;
        r.finish()?;

        let (first, readers) = entries.split_first().ok_or(Error::NotListed)?;
        if first.kind != RecipientKind::Owner {
            return Err(Error::FieldInvalid { what: WHAT, field: "order of recipients" });
        }
        let owner = (first.address, first.version);
        let readers = readers.iter().map(|entry| (entry.address, entry.version)).collect();
        let claims =
            KeyringClaims { folder, epoch, public, writer, writer_key_version, owner, readers };
        Ok(SignedKeyring { bytes: bytes.to_vec(), claims, entries, packet })
    }

    /// What it says of itself: enough to find the bundle of its writer.
    pub fn claims(&self) -> &KeyringClaims {
        &self.claims
    }

    /// Checks that this is the keyring of that folder and epoch, signed by `writer`.
    ///
    /// That `writer` is the key of the profile and key version in the claims, and that this profile may rotate the folder,
    /// the caller checks by chain and bundle.
    ///
    /// # Errors
    /// [`Error::OtherObject`], [`Error::OtherVersion`], [`Error::SignatureForged`].
    pub fn verify(
        self,
        program: &Address32,
        folder: &Address32,
        epoch: u32,
        writer: &VerifyingKey,
    ) -> Result<Keyring> {
        if self.claims.folder != *folder {
            return Err(Error::OtherObject { what: WHAT, field: "folder" });
        }
        let found = self.claims.epoch;
        if found != epoch {
            return Err(Error::OtherVersion { what: WHAT, field: "epoch", found, expected: epoch });
        }
        signature::verify(WHAT, label::KEYRING_SIGNATURE, program, &self.bytes, writer)?;
        Ok(Keyring { signed: self, program: *program })
    }
}

/// A keyring that its writer signed.
pub struct Keyring {
    signed: SignedKeyring,
    program: Address32,
}

impl Keyring {
    /// What it says of itself. A filer takes the public key from here.
    pub fn claims(&self) -> &KeyringClaims {
        &self.signed.claims
    }

    /// Opens it for its owner or a reader.
    ///
    /// # Errors
    /// [`Error::NotListed`]; [`Error::OtherVersion`] when it was sealed to another version of the profile's key;
    /// [`Error::ListedNotSealed`]; [`Error::SeedMismatch`] when the seed does not make the epoch's public key;
    /// [`Error::HistoryBroken`].
    pub fn open(
        self,
        profile: &Address32,
        key_version: u32,
        seed: &XWingSeed,
    ) -> Result<OpenedKeyring> {
        let SignedKeyring { claims, entries, packet, .. } = self.signed;
        let kinds = [RecipientKind::Owner, RecipientKind::Reader];
        let entry = recipient::find(WHAT, &entries, &kinds, profile, key_version)?;
        let context = packet_context(Purpose::Keyring, &self.program, &claims.folder, claims.epoch);
        let context = PacketContext { recipient: *profile, ..context };
        // SPEC §10.3: told apart from damage, because a writer may list a reader and seal nothing.
        let not_sealed = Error::ListedNotSealed { recipient: entry.kind.name() };
        let secret = context.open(seed, &entry.packet).map_err(|_| not_sealed.clone())?;
        let seed = XWingSeed::from_slice(&secret).map_err(|_| not_sealed)?;
        seed.check(&claims.public)?;

        let context = packet_context(Purpose::History, &self.program, &claims.folder, claims.epoch);
        let broken = |_| Error::HistoryBroken { epoch: FIRST_EPOCH };
        let history =
            history::decode(&context.open(&seed, &packet).map_err(broken)?, claims.epoch)?;
        Ok(OpenedKeyring { program: self.program, claims, entries, packet, seed, history })
    }
}

/// A keyring with the seeds of all its epochs.
pub struct OpenedKeyring {
    program: Address32,
    claims: KeyringClaims,
    entries: Vec<Entry>,
    packet: Packet,
    seed: XWingSeed,
    history: Vec<EpochSeed>,
}

impl OpenedKeyring {
    /// What the keyring says of itself.
    pub fn claims(&self) -> &KeyringClaims {
        &self.claims
    }

    /// The folder.
    pub fn folder(&self) -> &Address32 {
        &self.claims.folder
    }

    /// The epoch.
    pub fn epoch(&self) -> u32 {
        self.claims.epoch
    }

    /// Public key of the epoch.
    pub fn public(&self) -> &XWingPublic {
        &self.claims.public
    }

    /// Seed of any epoch up to this one.
    ///
    /// # Errors
    /// [`Error::OtherVersion`] for a later epoch: fetch the newer keyring.
    pub fn seed(&self, epoch: u32) -> Result<&XWingSeed> {
        if epoch == self.claims.epoch {
            return Ok(&self.seed);
        }
        let found = self.claims.epoch;
        let other = Error::OtherVersion { what: WHAT, field: "epoch", found, expected: epoch };
        self.history.iter().find(|past| past.epoch == epoch).map(|past| &past.seed).ok_or(other)
    }

    /// Checks that this keyring goes on from one opened before: same folder, not older, same seeds.
    ///
    /// # Errors
    /// [`Error::OtherObject`], [`Error::OtherVersion`] for an older one, [`Error::HistoryBroken`].
    pub fn continues(&self, previous: &OpenedKeyring) -> Result<()> {
        if previous.program != self.program || previous.claims.folder != self.claims.folder {
            return Err(Error::OtherObject { what: WHAT, field: "folder" });
        }
        let (found, expected) = (self.epoch(), previous.epoch());
        if found < expected {
            return Err(Error::OtherVersion { what: WHAT, field: "epoch", found, expected });
        }
        for epoch in FIRST_EPOCH..=previous.epoch() {
            if self.seed(epoch)? != previous.seed(epoch)? {
                return Err(Error::HistoryBroken { epoch });
            }
        }
        Ok(())
    }

    /// The same epoch with one more reader; packets of the others are kept as they are. A reader who is listed already gets
    /// a new packet, which is how a new key of an old reader is let in.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::RecipientRepeated`] for the owner, [`Error::TooLong`].
    pub fn with_reader_added(
        &self,
        writer: &Writer,
        reader: &Recipient,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, OpenedKeyring)> {
        let context =
            packet_context(Purpose::Keyring, &self.program, &self.claims.folder, self.claims.epoch);
        let added = Entry::seal(RecipientKind::Reader, reader, context, self.seed.expose(), rng)?;
        let mut entries: Vec<Entry> = self.entries.clone();
        let place = entries[1..].binary_search_by_key(&reader.profile, |entry| entry.address);
        match place {
            Ok(at) => entries[at + 1] = added,
            Err(at) => entries.insert(at + 1, added),
        }
        recipient::check_order(WHAT, &entries)?;
        let public = self.claims.public.clone();
        let opened = OpenedKeyring {
            program: self.program,
            claims: claims(self.claims.folder, self.claims.epoch, public, writer, &entries),
            entries,
            packet: self.packet.clone(),
            seed: self.seed.duplicate(),
            history: self.history.iter().map(EpochSeed::duplicate).collect(),
        };
        Ok((opened.encode(writer)?, opened))
    }

    fn encode(&self, writer: &Writer) -> Result<Vec<u8>> {
        let mut w = FieldWriter::new();
        w.bytes(&Kind::Keyring.preamble()).bytes(&self.claims.folder).u32(self.claims.epoch);
        w.bytes(self.claims.public.as_bytes()).bytes(&writer.profile).u32(writer.key_version);
        recipient::write(&mut w, &self.entries);
        w.sized("history", self.packet.as_bytes(), MAX_PLAINTEXT_LEN + PACKET_OVERHEAD)?;
        let mut bytes = w.finish();
        signature::append(label::KEYRING_SIGNATURE, &self.program, &mut bytes, writer.seed);
        check_len(bytes.len())?;
        Ok(bytes)
    }
}

fn claims(
    folder: Address32,
    epoch: u32,
    public: XWingPublic,
    writer: &Writer,
    entries: &[Entry],
) -> KeyringClaims {
    KeyringClaims {
        folder,
        epoch,
        public,
        writer: writer.profile,
        writer_key_version: writer.key_version,
        owner: (entries[0].address, entries[0].version),
        readers: entries[1..].iter().map(|entry| (entry.address, entry.version)).collect(),
    }
}

/// Context of a packet in a keyring; the recipient is the folder until a profile takes its place.
fn packet_context(
    purpose: Purpose,
    program: &Address32,
    folder: &Address32,
    epoch: u32,
) -> PacketContext {
    PacketContext {
        purpose,
        program: *program,
        scope: *folder,
        version: u64::from(epoch),
        recipient: *folder,
    }
}

fn check_len(len: usize) -> Result<()> {
    if len > MAX_KEYRING_LEN {
        return Err(Error::TooLong { what: WHAT, len: len as u64, max: MAX_KEYRING_LEN as u64 });
    }
    Ok(())
}
