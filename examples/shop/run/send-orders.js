import { Agent, request } from 'node:http';

function post(url, agent, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () => resolve(response.statusCode));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
/** Sends one order for each label over `concurrency` kept-alive connections; each must be answered with 200. */
export async function sendOrders(url, labels, concurrency) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const waiting = labels.values();
  const worker = async () => {
    for (const order of waiting) {
      const status = await post(url, agent, JSON.stringify({ order }));
      if (status !== 200) throw new Error(`order ${order} was answered with status ${status}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    agent.destroy();
  }
}
