-- Opens the stream of room changes of a node.
-- Keys:      changesKey
-- Arguments: node
-- Returns:   id of an empty first entry; changes come after it

return redis.call('XADD', changesKey(ARGV[1]), '*', 'e', '[]')
