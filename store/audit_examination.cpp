#include "store/audit_examination.hpp"

#include <algorithm>

namespace usher::store {

namespace {

constexpr auto nil = "00000000-0000-0000-0000-000000000000";

// A link that does not follow from the one before, or is not the hash of what it holds.
constexpr auto broken_link_sql =
    "SELECT organization_id, seq FROM (SELECT *, lag(hash) OVER chain AS hash_before, lag(seq) OVER chain AS "
    "seq_before "
    "FROM usher.audit_links WINDOW chain AS (PARTITION BY organization_id ORDER BY seq)) AS l "
    "WHERE seq <> coalesce(seq_before, 0) + 1 OR prev_hash <> coalesce(hash_before, decode(repeat('00', 32), 'hex')) "
    "OR hash IS DISTINCT FROM usher.audit_link_hash(prev_hash, seq, sealed_at, hashes) ORDER BY 1, 2 LIMIT 1";

// An entry that is gone, or is not what its link says. What an erasure has blanked is not looked at, as long as there
// is such an erasure.
constexpr auto broken_entry_sql =
    "SELECT l.organization_id, l.seq, e.entry, a.id IS NULL FROM usher.audit_links l CROSS JOIN LATERAL "
    "ROWS FROM (unnest(l.entries), unnest(l.personal), unnest(l.hashes)) AS e (entry, personal, hash) "
    "LEFT JOIN usher.audit_log a ON a.organization_id = l.organization_id AND a.id = e.entry "
    "WHERE a.id IS NULL OR e.hash <> usher.audit_hash(a.id, a.organization_id, a.ticket_id, a.at, a.version, "
    "a.actor_role, a.action, e.personal) OR CASE WHEN a.erased_by IS NULL THEN e.personal <> "
    "usher.audit_personal(a.actor_sub, a.details) ELSE NOT EXISTS (SELECT FROM usher.erasures r WHERE r.id = "
    "a.erased_by) END "
    "ORDER BY 1, 2, 3 LIMIT 1";

// An entry that was put in behind the chain's back, or is in two links.
constexpr auto stray_entry_sql =
    "SELECT a.organization_id, a.id FROM usher.audit_log a CROSS JOIN usher.audit_seal s LEFT JOIN (SELECT "
    "organization_id, unnest(entries) AS id FROM usher.audit_links) AS l ON l.organization_id = a.organization_id AND "
    "l.id = a.id WHERE a.id <= s.adopted OR a.xid < s.horizon GROUP BY a.organization_id, a.id "
    "HAVING count(l.id) <> 1 ORDER BY 1, 2 LIMIT 1";

constexpr auto counts_sql =
    "SELECT (SELECT count(DISTINCT organization_id) FROM usher.audit_links), (SELECT count(*) FROM usher.audit_links), "
    "(SELECT coalesce(sum(cardinality(entries)), 0)::bigint FROM usher.audit_links), (SELECT count(*) FROM "
    "usher.audit_log a CROSS JOIN usher.audit_seal s WHERE a.id > s.adopted AND a.xid >= s.horizon)";

std::string chain_of(const domain::uuid& organization) {
  auto id = to_string(organization);
  return id == nil ? "the desk's chain" : "the chain of organization " + id;
}

finding broken(std::string words) { return {"audit trail", false, std::move(words)}; }

std::string link_of(const domain::uuid& organization, std::int64_t seq) {
  return "link " + std::to_string(seq) + " of " + chain_of(organization);
}

/// The first link of a checkpoint that is not there as it was.
sql_result<std::string> cut_off(connection& with, const std::vector<chain_head>& known, steady_time deadline) {
  for (const auto& head : known) {
    auto there = with.query("SELECT hash FROM usher.audit_links WHERE organization_id = $1 AND seq = $2",
                            parameters().uuid(head.organization).int8(head.seq), deadline);
    if (!there) return std::unexpected(std::move(there.error()));
    if (there->size() == 0) return link_of(head.organization, head.seq) + " of the checkpoint is missing";
    if (there->bytes(0, 0) != head.hash) return link_of(head.organization, head.seq) + " is not the checkpoint's";
  }
  return std::string();
}

sql_result<finding> examine(connection& with, const std::vector<chain_head>& known, steady_time deadline) {
  auto link = with.query(broken_link_sql, {}, deadline);
  if (!link) return std::unexpected(std::move(link.error()));
  auto entry = with.query(broken_entry_sql, {}, deadline);
  if (!entry) return std::unexpected(std::move(entry.error()));
  if (link->size() > 0) return broken("broken at " + link_of(link->uuid(0, 0), link->int8(0, 1)));
  if (entry->size() > 0)
    return broken("broken at " + link_of(entry->uuid(0, 0), entry->int8(0, 1)) + ": entry " +
                  to_string(entry->uuid(0, 2)) + (entry->boolean(0, 3) ? " is missing" : " was changed"));
  auto stray = with.query(stray_entry_sql, {}, deadline);
  if (!stray) return std::unexpected(std::move(stray.error()));
  if (stray->size() > 0)
    return broken("entry " + to_string(stray->uuid(0, 1)) + " is not in " + chain_of(stray->uuid(0, 0)) + " once");
  auto missing = cut_off(with, known, deadline);
  if (!missing) return std::unexpected(std::move(missing.error()));
  if (!missing->empty()) return broken(std::move(*missing));
  auto counts = with.query(counts_sql, {}, deadline);
  if (!counts) return std::unexpected(std::move(counts.error()));
  const auto count = [&](int column) { return std::to_string(counts->int8(0, column)); };
  std::string words = count(2) + " entries in " + count(1) + " links of " + count(0) + " chains are what was written";
  if (counts->int8(0, 3) > 0) words += "; " + count(3) + " newer ones are not sealed yet";
  if (!known.empty())
    words += "; nothing is cut off before the checkpoint's " + std::to_string(known.size()) + " links";
  return finding{"audit trail", true, std::move(words)};
}

}  // namespace

sql_result<std::vector<chain_head>> read_chain_heads(connection& with, steady_time deadline) {
  if (auto begun = with.script("BEGIN READ ONLY; SET LOCAL ROLE usher_sealer; SET LOCAL usher.sealer = on", deadline);
      !begun)
    return std::unexpected(std::move(begun.error()));
  auto found = with.query(
      "SELECT DISTINCT ON (organization_id) organization_id, seq, hash FROM usher.audit_links ORDER BY "
      "organization_id, seq DESC",
      {}, deadline);
  if (!found) return std::unexpected(std::move(found.error()));
  std::vector<chain_head> out;
  for (int row = 0; row < found->size(); ++row)
    out.push_back({found->uuid(row, 0), found->int8(row, 1), std::string(found->bytes(row, 2))});
  if (auto ended = with.script("COMMIT", deadline); !ended) return std::unexpected(std::move(ended.error()));
  return out;
}

finding examine_audit(connection& with, const std::vector<chain_head>& known, steady_time deadline) {
  // One view of all tables, as the role that sees every organization's trail.
  auto begun = with.script(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE usher_sealer; SET LOCAL usher.sealer = on; SET "
      "LOCAL jit = off",
      deadline);
  auto found = begun ? examine(with, known, deadline) : std::unexpected(std::move(begun.error()));
  if (!found) {
    auto why = found.error().message;
    std::ranges::replace(why, '\n', ' ');
    return broken("can't be read: " + why);
  }
  if (auto ended = with.script("COMMIT", deadline); !ended) return broken("can't be read: " + ended.error().message);
  return std::move(*found);
}

}  // namespace usher::store
