// A node that shows a trail other than it is. What it says passes through this proxy, and must be caught by name.
import { type RpcTransport, createDefaultRpcTransport } from "@solana/kit";
import { AuditError, type AuditFault, type Chain, auditAccount, auditFetch, auditVerify, chainConnect } from "aceso";
import * as program from "aceso/program";
import { beforeAll, describe, expect, test } from "vitest";
import { NOBODY, type Person, World, acting, blob, content } from "../world.js";

const world = await World.start();
let owner: Person;
let folder: Awaited<ReturnType<World["folder"]>>;
let record: typeof folder;

beforeAll(async () => {
  const reader = await world.person();
  owner = await world.person();
  folder = await world.folder(owner);
  record = await world.record(owner, folder);
  for (let version = 1; version < 4; version++) {
    const update = program.getRecordUpdateInstructionAsync({
      ...acting(owner),
      owner: owner.profile,
      folder,
      record,
      change: await world.headSwap(record),
      content: content(),
      sealedTo: await world.epochOf(folder),
    });
    await world.send(owner.wallet, update);
  }
  const grant = await world.grant(owner, folder, reader);
  const { version, headDigest } = await world.recordRead(record);
  const open = { authority: reader.wallet, reader: reader.profile, grant, folder, record, version, headDigest };
  await world.send(reader.wallet, program.getGrantOpenInstructionAsync(open));
});

type Signatures = { signature: string }[];
type Answer = { result: unknown };

/** The node of the local chain, with its answers to one method changed. */
function nodeThat(method: string, change: (result: never) => unknown): Chain {
  const honest = createDefaultRpcTransport({ url: world.net.rpcUrl });
  const transport = (async (request: Parameters<RpcTransport>[0]) => {
    const answer = (await honest(request)) as Answer;
    const asked = (request.payload as { method: string }).method;
    return asked === method ? { ...answer, result: change(answer.result as never) } : answer;
  }) as RpcTransport;
  return chainConnect(transport);
}

async function recordTrail(chain: Chain) {
  const account = auditAccount(await program.fetchRecord(chain.rpc, record));
  return auditVerify(account, await auditFetch(chain, record));
}

async function caught(chain: Chain): Promise<[AuditFault, bigint]> {
  const error = await recordTrail(chain).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(AuditError);
  expect((error as AuditError).message).toContain("Do not trust this node");
  return [(error as AuditError).fault, (error as AuditError).place];
}

/** Events of the record's trail, changed as a node could change them that rewrites transactions. */
async function rewritten(change: (events: program.AuditedEvent[]) => program.AuditedEvent[]) {
  const account = auditAccount(await program.fetchRecord(world.chain.rpc, record));
  return auditVerify(account, change(await auditFetch(world.chain, record))).then(
    () => undefined,
    (cause: unknown) => (cause as AuditError).fault,
  );
}

describe("an honest node", () => {
  test("shows trails that lead to the accounts' heads", async () => {
    const entries = await recordTrail(world.chain);
    expect(entries.map(({ action }) => program.Action[action])).toEqual([
      "RecordCreated",
      "RecordUpdated",
      "RecordUpdated",
      "RecordUpdated",
      "RecordOpened",
    ]);
    const account = auditAccount(await program.fetchFolder(world.chain.rpc, folder));
    expect(await auditVerify(account, await auditFetch(world.chain, folder))).toHaveLength(3);
  });
});

describe("a node that lies about the trail", () => {
  const signatures = (change: (list: Signatures) => Signatures) => nodeThat("getSignaturesForAddress", change);

  test("by dropping an entry", async () => {
    expect(await caught(signatures((list) => list.toSpliced(2, 1)))).toEqual(["dropped", 3n]);
    expect(await caught(signatures((list) => list.slice(1)))).toEqual(["dropped", 5n]); // the newest: an opening
    expect(await caught(signatures((list) => list.slice(0, -1)))).toEqual(["dropped", 1n]);
    expect(await caught(signatures(() => []))).toEqual(["dropped", 1n]);
    expect(await caught(nodeThat("getTransaction", () => null))).toEqual(["dropped", 1n]);
  });

  test("by reordering entries", async () => {
    expect(await caught(signatures((list) => list.toReversed()))).toEqual(["reordered", 1n]);
    const swap = (list: Signatures) => list.with(1, list[2]!).with(2, list[1]!);
    expect(await caught(signatures(swap))).toEqual(["reordered", 3n]);
  });

  test("by showing an entry twice", async () => {
    expect(await caught(signatures((list) => [...list, list.at(-1)!]))).toEqual(["invented", 2n]);
  });

  test("by changing what an entry says", async () => {
    const purged = await rewritten((events) => {
      const opening = events.at(-1)!;
      return events.with(-1, { ...opening, entry: { ...opening.entry, actor: NOBODY } });
    });
    expect(purged).toBe("invented");
  });

  test("by adding an entry, with counts and heads to match", async () => {
    const invented = await rewritten((events) => {
      const last = events.at(-1)!;
      const link = { ...last.links[0]!, count: last.links[0]!.count + 1n };
      return [...events, { entry: { ...last.entry, action: program.Action.RecordErased }, links: [link] }];
    });
    expect(invented).toBe("invented");
  });

  test("by rewriting the whole trail, heads included", async () => {
    const { auditExtend, auditGenesis } = await import("aceso");
    const account = auditAccount(await program.fetchRecord(world.chain.rpc, record));
    const events = await auditFetch(world.chain, record);
    const rewrite = async (entries: program.Entry[]) => {
      let head = await auditGenesis(account.address, account.meta.createdSlot);
      const forged: program.AuditedEvent[] = [];
      for (const [index, entry] of entries.entries()) {
        head = await auditExtend(head, entry);
        forged.push({ entry, links: [{ scope: record, count: BigInt(index + 1), head }] });
      }
      return auditVerify(account, forged);
    };
    const entries = events.map(({ entry }) => entry);
    await expect(rewrite(entries)).resolves.toHaveLength(5);
    const swapped = entries.with(1, entries[2]!).with(2, entries[1]!);
    await expect(rewrite(swapped)).rejects.toMatchObject({ fault: "reordered", place: 2n });
    const forged = entries.with(2, { ...entries[2]!, digest: blob().digest });
    await expect(rewrite(forged)).rejects.toMatchObject({ fault: "invented" });
  });

  test("by serving the events of another program", async () => {
    const other = nodeThat("getTransaction", (result: { transaction: { message: { accountKeys: string[] } } }) => {
      const { accountKeys } = result.transaction.message;
      const keys = accountKeys.map((key) => (key === program.ACESO_PROGRAM_ADDRESS ? NOBODY : key));
      return { ...result, transaction: { ...result.transaction, message: { accountKeys: keys } } };
    });
    expect(await caught(other)).toEqual(["dropped", 1n]);
  });
});
