-- Lets the worker's login, and no other, call the functions. "worker login" stands for its name.
GRANT EXECUTE ON FUNCTION sluice.set_guard, sluice.arm_guard, sluice.disarm_guard, sluice.changed_tables, sluice.changed_partitions,
  sluice.fence_obstacles, sluice.assert_authority, sluice.install_lease, sluice.revoke_leases,
  sluice.close_leases, sluice.sequence_position, sluice.advance_sequence, sluice.assert_source_session,
  sluice.assert_target_session, sluice.raise_key_in_no_chunk, sluice.apply_rounds, sluice.parking_value,
  sluice.parking_assignments, sluice.park_row, sluice.apply_each, sluice.captures, sluice.enqueue TO "worker login";
