-- Lets each login call the functions that it needs, and no other: control those that change guards, leases and sequences, the
-- worker those of copier and applier, the verifier the check of its session. The names in quotes are placeholders.
GRANT EXECUTE ON FUNCTION sluice.set_guard, sluice.arm_guard, sluice.disarm_guard, sluice.changed_tables, sluice.guard_changes,
  sluice.fence_obstacles, sluice.plan_leases, sluice.plan_partition, sluice.install_lease, sluice.close_lease, sluice.close_leases, sluice.revoke_leases,
  sluice.sequence_position, sluice.advance_sequence TO "control login";
GRANT EXECUTE ON FUNCTION sluice.assert_source_session, sluice.assert_target_session, sluice.raise_key_in_no_chunk,
  sluice.apply_rounds, sluice.parking_value, sluice.parking_assignments, sluice.park_row, sluice.apply_each, sluice.captures,
  sluice.enqueue, sluice.forget_entries TO "worker login";
GRANT EXECUTE ON FUNCTION sluice.assert_source_session TO "verifier login";
