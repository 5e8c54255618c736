//! What Redis does in one step, for one person each. In a cluster the two keys are in one slot.

/// KEYS: token. ARGV: life of the token, a fresh token. Gives the token that stands there now.
pub(super) const NOTE: &str = r"
    local token = redis.call('GET', KEYS[1])
    if token then
        return token
    end
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
    return ARGV[2]";

/// KEYS: value, token. ARGV: life of the value, the token that the reader noted, the value.
pub(super) const FILL: &str = r"
    if redis.call('GET', KEYS[2]) == ARGV[2] then
        redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[1])
    end";

/// KEYS: value, token. ARGV: life of the fence, the fence.
pub(super) const RAISE: &str = r"
    redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
    redis.call('DEL', KEYS[1])";

/// KEYS: value, token. ARGV: the fence. Leaves the fence of another writer where it is.
pub(super) const LIFT: &str = r"
    redis.call('DEL', KEYS[1])
    local token = redis.call('GET', KEYS[2])
    if token == ARGV[1] or (token and string.sub(token, 1, 8) ~= 'writing:') then
        redis.call('DEL', KEYS[2])
    end";
