import { z } from 'zod';

const seconds = z.number().positive().max(1_000_000);
const count = z.int().min(1).max(1_000_000);

/** What the base URL is when only the back end is named. */
const BASE_URLS = { openai: 'https://api.openai.com/v1', ollama: 'http://127.0.0.1:11434/v1' } as const;

/** The settings of the language-model bot, as in its file. */
export const LLM_CONFIG = z
  .strictObject({
    backend: z.enum(['openai', 'ollama']),
    base_url: z.url({ protocol: /^https?$/ }).optional(),
    model: z.string().min(1),
    models: z.array(z.string().min(1)).default([]),
    api_key_env: z.string().min(1).optional(),
    api_key_file: z.string().min(1).optional(),
    system_prompt: z
      .string()
      .default('You are a helpful assistant in a text chat. Answer briefly and in plain text.'),
    timeout: seconds.default(120),
    retries: z.int().min(0).max(20).default(3),
    history_messages: z.int().min(0).max(10_000).default(20),
    history_idle: seconds.default(3600),
    max_input_tokens: count.default(4000),
    max_output_tokens: count.default(1000),
    max_reply_characters: count.default(8000),
    max_concurrent: count.default(2),
    max_waiting: count.default(100),
    quota_messages: count.default(100),
    quota_seconds: seconds.default(86_400),
    rooms: z.array(z.string().regex(/^#\S+$/, 'must be a name such as #general')).default([]),
    allow: z.array(z.string().min(1)).default([]),
  })
  .refine((config) => config.api_key_env === undefined || config.api_key_file === undefined, {
    path: ['api_key_file'],
    message: 'give api_key_env or api_key_file, not both',
  })
  .transform(({ base_url, ...rest }) => ({ ...rest, base_url: base_url ?? BASE_URLS[rest.backend] }));

export type LlmConfig = z.infer<typeof LLM_CONFIG>;

/** The settings file that `--init` writes. */
export const LLM_TEMPLATE = `# A bot that answers direct messages through a language model: quietroom bot llm

# "ollama" (http://127.0.0.1:11434/v1) or "openai" (https://api.openai.com/v1)
backend = "ollama"
# Any other server that speaks the OpenAI API:
# base_url = "http://127.0.0.1:8080/v1"
model = "llama3.2"
# Further models to choose from with !model:
# models = ["qwen3"]

# The key, from a variable of the environment or from a file. Ollama needs none.
# api_key_env = "OPENAI_API_KEY"
# api_key_file = "/run/credentials/llm-key"

# system_prompt = "You are a helpful assistant in a text chat. Answer briefly and in plain text."

# Seconds for one answer, and how often a request is repeated when the model is overloaded (429, 503):
# timeout = 120
# retries = 3

# How many messages of a conversation are sent to the model, and after how many seconds of silence they are forgotten.
# They are also forgotten when the person leaves the server.
# history_messages = 20
# history_idle = 3600

# Estimated tokens sent to the model (older messages are left out), tokens of an answer, and its length:
# max_input_tokens = 4000
# max_output_tokens = 1000
# max_reply_characters = 8000

# Answers at once, and people who may wait; they are told their place.
# max_concurrent = 2
# max_waiting = 100

# Messages of one name in a period of seconds. A name costs nothing, so this protects against accidents only.
# quota_messages = 100
# quota_seconds = 86400

# Rooms in which the bot answers when it is named ("Assistant: what is TLS?"). Each person has a separate conversation.
# rooms = ["#general"]

# Answer only these names. A name proves nothing: this is no access control.
# allow = ["alice"]
`;
