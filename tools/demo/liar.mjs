// A node that lies: it passes everything on to the real one, but for one thing.
//   drop  an RPC node that hides one entry of a trail
//   flip  a store that changes one byte of a blob's first block, known by its length
import http from "node:http";

const lies = {
  drop(request, body, _about) {
    if (!request.toString().includes('"getSignaturesForAddress"')) return body;
    const answer = JSON.parse(body);
    // Newest first: this is what came after the folder was made, the first filing.
    answer.result.splice(answer.result.length - 2, 1);
    return Buffer.from(JSON.stringify(answer));
  },
  flip(_request, body, { blobLength }) {
    const blockLength = Math.min(blobLength, 1 << 20);
    if (body.length !== blockLength) return body;
    const changed = Buffer.from(body);
    changed[changed.length >> 1] ^= 1;
    return changed;
  },
};

function collect(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => resolve(Buffer.concat(parts)));
    stream.on("error", reject);
  });
}

/** Starts a liar in front of `target` (a URL) and returns its own URL; `about` is what the lie is about. */
export async function startLiar(target, lie, about = {}) {
  const real = new URL(target);
  const server = http.createServer(async (request, response) => {
    try {
      const sent = await collect(request);
      const headers = { ...request.headers, host: real.host };
      const options = { host: real.hostname, port: real.port, path: request.url, method: request.method, headers };
      const answer = await new Promise((resolve, reject) => {
        http.request(options, resolve).on("error", reject).end(sent);
      });
      const body = lies[lie](sent, await collect(answer), about);
      const type = answer.headers["content-type"] ?? "application/octet-stream";
      response.writeHead(answer.statusCode, { "content-type": type, "content-length": body.length }).end(body);
    } catch (error) {
      response.writeHead(502).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
