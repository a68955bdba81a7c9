// The frozen fixtures of client/format, under WASM: the same values, and the same error for every mutation.
// Needs client/js/src/wasm/node (`cargo xtask wasm`), or ACESO_WASM=<its folder>.

import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = process.env.ACESO_WASM ?? here('../../js/src/wasm/node');
const aceso = await import(pathToFileURL(`${built}/aceso.js`));
const fixtures = JSON.parse(readFileSync(here('../../format/testdata/fixtures.json'), 'utf8'));

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');
const sha256 = (array) => createHash('sha256').update(array).digest('hex');

/** Turns the hex fields of an argument object into bytes. */
const object = (args) =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'as' ? bytes(value) : value,
    ]),
  );

function assemble({ base, parts }) {
  const whole = bytes(fixtures.objects[base] ?? '');
  const pieces = parts.map((part) => (Array.isArray(part) ? whole.subarray(...part) : bytes(part)));
  return new Uint8Array(Buffer.concat(pieces));
}

/** As `aceso_format::content::open`, but chunk by chunk: what a browser does. */
function openContent({ record, key, contentLen }, blob) {
  const { chunks, chunkLen, sealedChunkLen, prefixLen, sealedLen } = aceso.contentLayout(contentLen);
  const cipher = aceso.ContentCipher.opening(record, key, contentLen, blob.subarray(0, prefixLen));
  const content = [];
  for (let index = 0; index < chunks; index += 1) {
    const start = prefixLen + index * sealedChunkLen;
    const end = Math.min(start + sealedChunkLen, sealedLen);
    content.push(cipher.openChunk(index, blob.subarray(start, end)));
  }
  assert.equal(chunkLen, 16384);
  cipher.free();
  return new Uint8Array(Buffer.concat(content));
}

const run = {
  address(blob) {
    const { digest, len, cid, nodes } = aceso.addressOf(blob);
    assert.deepEqual(nodes, []);
    assert.equal(aceso.addressCid(digest, len), cid);
    return { digest: hex(digest), len, cid };
  },
  content(blob, args) {
    const { record, key, contentLen } = object(args);
    const content = aceso.contentOpen(record, key, contentLen, blob);
    assert.deepEqual(openContent({ record, key, contentLen }, blob), content);
    return { sha256: sha256(content) };
  },
  bundle(blob, args) {
    const { keys, message, fingerprint } = aceso.bundleOpen(blob, object(args));
    assert.equal(aceso.bundleMessage(keys), message);
    assert.deepEqual(aceso.bundleCreate(keys, blob.subarray(-64)), blob);
    return { fingerprint, message };
  },
  previous(blob, args) {
    const { keyVersion, signing, previous } = aceso.bundleOpenPrevious(bytes(args.newer), blob);
    return { keyVersion, previous: previous ? hex(previous.digest) : null, signing: hex(signing) };
  },
  head(blob, args) {
    const { manifest, headKey } = aceso.headOpen(blob, object(args));
    const { title, fileName, contentKey, plaintextLen } = manifest;
    return { contentKey: hex(contentKey), fileName, headKey: hex(headKey), plaintextLen, title };
  },
  keyring(blob, args) {
    const keyring = aceso.keyringOpen(blob, object(args));
    const seeds = Array.from({ length: keyring.epoch }, (_, index) => hex(keyring.seed(index + 1)));
    keyring.free();
    return { seeds };
  },
};

for (const fixture of fixtures.cases) {
  test(`${fixture.name}: ${fixture.expect}`, () => {
    const blob = assemble(fixture);
    if (fixture.expect === 'ok') {
      assert.deepEqual(run[fixture.op](blob, fixture.args), fixture.value);
    } else {
      assert.throws(() => run[fixture.op](blob, fixture.args), { name: fixture.expect });
    }
  });
}

const secret = () => aceso.secretGenerate();
const program = new Uint8Array(32).fill(0x50);
const folder = new Uint8Array(32).fill(0xf0);
const record = new Uint8Array(32).fill(0xec);

function person() {
  const [profile, seed, signing] = [secret(), secret(), secret()];
  const recipient = { profile, keyVersion: 1, key: aceso.xwingPublic(seed) };
  return { profile, seed, recipient, writer: { profile, keyVersion: 1, seed: signing }, verifying: aceso.signingPublic(signing) };
}

test('WebCrypto seals and opens the chunks that WASM does', async () => {
  const key = secret();
  const content = webcrypto.getRandomValues(new Uint8Array(40_000));
  const layout = aceso.contentLayout(content.length);
  const keys = aceso.contentSealKeys(record, key);
  const aes = await webcrypto.subtle.importKey('raw', keys.key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const iv = (index) => {
    const nonce = keys.baseNonce.slice();
    const view = new DataView(nonce.buffer);
    view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(index));
    return nonce;
  };
  const blob = [keys.prefix];
  for (let index = 0; index < layout.chunks; index += 1) {
    const part = content.subarray(index * layout.chunkLen, (index + 1) * layout.chunkLen);
    const padded = aceso.chunkPad(content.length, index, part);
    blob.push(new Uint8Array(await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv: iv(index) }, aes, padded)));
  }
  const sealed = new Uint8Array(Buffer.concat(blob));
  assert.equal(sealed.length, layout.sealedLen);
  assert.deepEqual(aceso.contentOpen(record, key, content.length, sealed), content);
  assert.deepEqual(aceso.contentOpenKeys(record, key, sealed.subarray(0, 72)).key, keys.key);

  const range = aceso.contentRange(content.length, 20_000, 20_010);
  const fetched = sealed.subarray(range.sealedStart, range.sealedEnd);
  const opened = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: iv(range.firstChunk) }, aes, fetched);
  const plain = aceso.chunkUnpad(content.length, range.firstChunk, new Uint8Array(opened));
  assert.deepEqual(plain.subarray(range.skip, range.skip + range.take), content.subarray(20_000, 20_010));
});

test('a folder from its first keyring to a head that a new reader opens', () => {
  const [owner, reader, leaver] = [person(), person(), person()];
  const draft = { program, folder, writer: owner.writer, owner: owner.recipient, readers: [leaver.recipient] };
  const first = aceso.keyringCreate(draft);
  const second = first.rotate({ ...draft, readers: [] });
  const third = second.withReaderAdded(owner.writer, reader.recipient);
  assert.deepEqual([first.epoch, second.epoch, third.epoch], [1, 2, 2]);
  third.continues(second);
  third.continues(first);
  assert.throws(() => first.continues(third), { name: 'OtherVersion' });

  const query = { program, folder, epoch: 2, writer: owner.verifying, who: reader.profile, whoVersion: 1, seed: reader.seed };
  const opened = aceso.keyringOpen(third.bytes, query);
  assert.deepEqual(opened.seed(1), first.seed(1));
  assert.throws(() => opened.seed(3), { name: 'OtherVersion' });
  assert.throws(() => aceso.keyringOpen(third.bytes, { ...query, who: leaver.profile, seed: leaver.seed }), { name: 'NotListed' });
  const claims = aceso.keyringVerify(third.bytes, program, folder, 2, owner.verifying);
  assert.deepEqual(claims.public, opened.public);
  assert.equal(claims.readers.length, 1);

  const manifest = {
    version: 1,
    title: 'Befund',
    fileName: 'b.pdf',
    mediaType: 'application/pdf',
    createdSecs: 1_795_000_000,
    plaintextSha256: secret(),
    plaintextLen: 10,
    contentKey: secret(),
    content: { digest: secret(), len: aceso.contentLayout(10).sealedLen },
  };
  const target = { kind: 'folder', folder, epoch: 2 };
  const sealed = aceso.headSeal({ program, record, writer: owner.writer, target, targetKey: claims.public, manifest });
  const headQuery = { program, record, version: 1, writer: owner.verifying, as: 'folder', who: folder, whoVersion: 2 };
  const head = aceso.headOpen(sealed.bytes, { ...headQuery, seed: opened.seed(2) });
  assert.deepEqual(head.headKey, sealed.headKey);
  assert.deepEqual(head.manifest.contentKey, manifest.contentKey);
  assert.equal(aceso.headClaims(sealed.bytes).target.epoch, 2);
  assert.throws(() => aceso.headOpen(sealed.bytes, { ...headQuery, seed: opened.seed(1) }), { name: 'ListedNotSealed' });
  const pinned = { digest: aceso.addressOf(sealed.bytes).digest, len: sealed.bytes.length };
  const old = { program, record, version: 1, pinned, as: 'key', headKey: sealed.headKey };
  assert.equal(aceso.headOpen(sealed.bytes, old).manifest.title, 'Befund');
  for (const keyring of [first, second, third, opened]) keyring.free();
});

test('addresses of big blobs, whole, streamed and from leaves hashed elsewhere', () => {
  const blob = new Uint8Array(3 * 1024 * 1024 + 5).map((_, index) => index * 7);
  const whole = aceso.addressOf(blob);
  const builder = new aceso.AddressBuilder();
  const tree = new aceso.TreeBuilder();
  for (let at = 0; at < blob.length; at += 1 << 20) {
    const leaf = blob.subarray(at, at + (1 << 20));
    builder.push(leaf);
    tree.pushLeaf(bytes(sha256(leaf)), leaf.length);
  }
  assert.deepEqual(builder.finish(), whole);
  assert.deepEqual(tree.finish(), whole);
  const root = aceso.branchRoot(whole.digest, whole.len);
  const children = aceso.branchChildren(root, whole.nodes.at(-1).bytes);
  assert.equal(children.length, 4);
  for (const leaf of children) aceso.branchVerifyLeaf(leaf, blob.subarray(leaf.offset, leaf.offset + leaf.len));
  assert.throws(() => aceso.branchVerifyLeaf(children[0], blob.subarray(0, 1 << 20).map((byte) => byte ^ 1)), { name: 'BlockMismatch' });
});

test('packets, and arguments of a wrong shape', () => {
  const to = person();
  const context = { purpose: 'reason', program, scope: record, version: 1, recipient: to.profile };
  const packet = aceso.packetSeal(context, to.recipient.key, bytes('aabb'));
  assert.deepEqual(aceso.packetOpen(context, to.seed, packet), bytes('aabb'));
  assert.throws(() => aceso.packetOpen({ ...context, version: 2 }, to.seed, packet), { name: 'PacketForged' });
  assert.throws(() => aceso.xwingPublic(new Uint8Array(31)), { name: 'TypeError' });
  assert.throws(() => aceso.contentLayout(1.5), { name: 'TypeError' });
  assert.throws(() => aceso.xwingCheck(secret(), to.recipient.key), { name: 'SeedMismatch' });

  const about = { program, request: record, owner: to.profile, keyVersion: 1 };
  const reason = aceso.reasonSeal(about, to.recipient.key, 'zweite Meinung 🙏');
  assert.equal(reason.length, 1024 + 1137);
  assert.equal(aceso.reasonOpen(about, to.seed, reason), 'zweite Meinung 🙏');
  assert.throws(() => aceso.reasonOpen({ ...about, keyVersion: 2 }, to.seed, reason), { name: 'PacketForged' });
  assert.throws(() => aceso.reasonSeal(about, to.recipient.key, 'x'.repeat(16_385)), { name: 'TooLong' });
  assert.equal(aceso.safeFileName('../a'), '_a');
});
