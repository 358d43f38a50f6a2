-- Lists what would keep a side from being fenced or opened.
SELECT o AS obstacle FROM sluice.fence_obstacles(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:lockMs AS integer)) AS o
