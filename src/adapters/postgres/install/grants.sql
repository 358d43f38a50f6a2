-- Lets the worker's login, and no other, use the installed objects. "worker login" stands for its name.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sluice FROM PUBLIC;
GRANT USAGE ON SCHEMA sluice TO "worker login";
GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.lease, sluice.slice, sluice.touch, sluice.skipped TO "worker login";
GRANT SELECT ON sluice.guard TO "worker login";
GRANT EXECUTE ON FUNCTION sluice.set_guard, sluice.install_lease, sluice.revoke_leases, sluice.sequence_position,
  sluice.advance_sequence, sluice.assert_source_session, sluice.assert_target_session, sluice.raise_key_in_no_chunk,
  sluice.apply_rounds, sluice.parking_value, sluice.parking_assignments, sluice.park_row, sluice.apply_each TO "worker login";
GRANT SELECT ON sluice.capture, sluice.change_log TO "worker login";
GRANT DELETE ON sluice.change_log TO "worker login";
GRANT EXECUTE ON FUNCTION sluice.captures, sluice.enqueue TO "worker login";
