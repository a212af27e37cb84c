-- Made by rules that collect what they reject.
CREATE TABLE IF NOT EXISTS @table@ (
	project TEXT NOT NULL,
	rule TEXT NOT NULL,
	row_key TEXT NOT NULL,
	reason TEXT NOT NULL,
	sqlstate TEXT,
	row_data TEXT,
	run TEXT,
	at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	PRIMARY KEY (project, rule, row_key)
)
