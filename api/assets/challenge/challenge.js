// Solutions of the challenges that a Postbag server sets itself, found while the person writes. Needs solver.js beside it.

/** The solution of a proof of work, as a submission carries it in `challenge`. */
export function solve({ algorithm, challenge, salt, maxnumber, signature }) {
  return new Promise((found, failed) => {
    const worker = new Worker(new URL("solver.js", import.meta.url));
    worker.onerror = () => failed(new Error("The challenge cannot be solved here."));
    worker.onmessage = ({ data: { number, took } }) => {
      worker.terminate();
      if (number === null) failed(new Error("The challenge has no solution."));
      else found(btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took })));
    };
    worker.postMessage({ challenge, salt, maxnumber });
  });
}

/** Solutions for one campaign, the first begun before it is needed. */
export class Solutions {
  /** `url` is where challenges are set: `/v1/campaigns/{slug}/challenge`. */
  constructor(url) {
    this.url = url;
    this.begun = this.next();
  }

  /** The solution of a fresh challenge, and until when it counts; nothing where it cannot be had: the server says if it is needed. */
  async next() {
    try {
      const answer = await fetch(this.url, { cache: "no-store" });
      const set = await answer.json();
      return { solution: await solve(set), until: Date.parse(set.expires_at) };
    } catch {
      return {};
    }
  }

  /** A solution that nobody has taken and that still counts when it arrives. */
  async take() {
    const { solution, until } = await (this.begun ?? this.next());
    this.begun = null;
    return until - Date.now() < 30_000 ? (await this.next()).solution : solution;
  }
}
