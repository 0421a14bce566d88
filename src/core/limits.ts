/**
 * Every cap that input meets, with its reason. A file that passes one gets ModelError("limit") naming it; real models
 * stay far below.
 */
export const LIMITS = {
  /** Subgraphs inside subgraphs: each level is a call on the stack, exporters nest two or three. */
  graphDepth: 64,
  /** Function calls and subgraphs that run inside each other: each is some calls on the stack. Exporters nest ten or so. */
  runDepth: 200,
  /** Types inside types (sequence of optional of map…). */
  typeDepth: 16,
  /** Bytes of one name, operator, domain or symbol; longer ones cannot be shown and are an attack on memory. */
  nameBytes: 64 * 1024,
  /** Bytes of a doc string or metadata value that is kept in memory. */
  textBytes: 1024 * 1024,
  /** Axes of a tensor; onnxruntime's own kernels stop far below. */
  rank: 64,
  /** Nodes of a model, all graphs together: about 1 GB of objects. */
  nodes: 2_000_000,
  /** Initializers of a model. */
  tensors: 2_000_000,
  /**
   * Names, attributes, list elements, metadata entries and records of a model, all together: about 1 GB of objects. A
   * file can hold billions of two bytes each; the largest real models have some hundred thousand.
   */
  parts: 8_000_000,
  /** Bytes of all names and texts that are kept. */
  allTextBytes: 512 * 1024 * 1024,
  /** Problems kept; a broken file repeats itself. */
  problems: 1000,
  /** Letters of a problem's message, and of each name in it: names of 64 KiB, a thousand times, would be a flood. */
  problemLetters: 400,
  /** One field of a message that must be held at once (a value info, a metadata entry). */
  messageBytes: 16 * 1024 * 1024,
  /** Elements of a stored mask that are looked at to see what it hides: 2048 queries by 2048 keys. */
  maskElements: 4 * 1024 * 1024,
  /**
   * Channels, or columns of a matrix, that statistics of weights keep counters for: some ten bytes each. Real matrices
   * have up to 300,000; where there are more, the part that needs them is left out.
   */
  statisticsCounters: 4 * 1024 * 1024,
  /** Protobuf refuses to read messages of 2 GiB and more, so such a model must keep its weights in side files. */
  protobufBytes: 2 ** 31 - 1,
} as const;
