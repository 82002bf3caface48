BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0007');
CREATE TABLE audits (
	"check" VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	compared INTEGER NOT NULL, 
	findings INTEGER NOT NULL, 
	report TEXT NOT NULL, 
	PRIMARY KEY ("check")
);
CREATE TABLE categories (
	slug VARCHAR(120) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	parent VARCHAR(120), 
	version INTEGER NOT NULL, 
	PRIMARY KEY (slug), 
	FOREIGN KEY(parent) REFERENCES categories (slug)
);
CREATE TABLE holds (
	order_id CHAR(32) NOT NULL, 
	sku VARCHAR(64) NOT NULL, 
	quantity INTEGER NOT NULL, 
	held_at DATETIME NOT NULL, 
	PRIMARY KEY (order_id, sku)
);
INSERT INTO "holds" VALUES('01a21a901171776d9b32d9543ee62207','MUG',2,'2026-11-27 01:12:59.000918');
INSERT INTO "holds" VALUES('01a21a9011bf707e914c9a3f615f196b','MUG',1,'2026-11-27 01:12:59.073764');
INSERT INTO "holds" VALUES('01a21a9011cf706c8577e0baa9378659','MUG',3,'2026-11-27 01:12:59.089952');
CREATE TABLE idempotency (
	caller VARCHAR(120) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	fingerprint BLOB NOT NULL, 
	resource_id CHAR(32) NOT NULL, 
	body BLOB, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (caller, "key")
);
CREATE TABLE inbox (
	consumer VARCHAR(60) NOT NULL, 
	event_id CHAR(32) NOT NULL, 
	handled_at DATETIME NOT NULL, 
	PRIMARY KEY (consumer, event_id)
);
INSERT INTO "inbox" VALUES('catalog','01a21a9010c37160a80b82ac07bb156c','2026-11-27 01:12:58.820136');
INSERT INTO "inbox" VALUES('catalog','01a21a9010be7602812a1cc103a73d93','2026-11-27 01:12:58.948659');
INSERT INTO "inbox" VALUES('catalog','01a21a90115c765082e056af7aaa51fe','2026-11-27 01:12:58.984911');
INSERT INTO "inbox" VALUES('catalog','01a21a901174751d9df8c1b5057034fe','2026-11-27 01:12:59.000143');
INSERT INTO "inbox" VALUES('catalog','01a21a9011ac73f680abc8d012fc4232','2026-11-27 01:12:59.054252');
INSERT INTO "inbox" VALUES('catalog','01a21a9011bf707e914c9a40c6e4e68d','2026-11-27 01:12:59.073444');
INSERT INTO "inbox" VALUES('catalog','01a21a9011d0739eac17f5cd598f5a74','2026-11-27 01:12:59.089653');
CREATE TABLE known_ended_sessions (
	session_id CHAR(32) NOT NULL, 
	heard_at DATETIME NOT NULL, 
	PRIMARY KEY (session_id)
);
CREATE TABLE known_epochs (
	user_id CHAR(32) NOT NULL, 
	epoch INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, revision INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (user_id)
);
INSERT INTO "known_epochs" VALUES('01a21a90115a702c9a7be9b46ac969fe',0,0,1,0);
CREATE TABLE known_signing_keys (
	kid VARCHAR(64) NOT NULL, 
	public_key TEXT NOT NULL, 
	retired BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, revision INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (kid)
);
CREATE TABLE leases (
	name VARCHAR(60) NOT NULL, 
	owner VARCHAR(60) NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE listings (
	product_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	edition INTEGER NOT NULL, 
	on_sale BOOLEAN NOT NULL, 
	category VARCHAR(120), 
	price INTEGER NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	created_at DATETIME NOT NULL, 
	sort_key VARCHAR(120) NOT NULL, 
	length INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	PRIMARY KEY (product_id)
);
INSERT INTO "listings" VALUES('01a21a9010c97207865359248c6a45bd',2,2,1,NULL,900,'EUR','2026-11-27 01:12:58.825172','mug',1,' Amug  Cmug  Dmug ');
CREATE TABLE movements (
	id CHAR(32) NOT NULL, 
	sku VARCHAR(64) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	quantity INTEGER NOT NULL, 
	order_id CHAR(32), 
	who VARCHAR(120) NOT NULL, 
	why VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "movements" VALUES('01a21a9010d1745a8bee0be0414bbb01','MUG','received',100,NULL,'test','opening stock','2026-11-27 01:12:58.833544');
INSERT INTO "movements" VALUES('01a21a90117970aaaf4d4376d7f563d7','MUG','held',2,'01a21a901171776d9b32d9543ee62207','orders','placed','2026-11-27 01:12:59.001203');
INSERT INTO "movements" VALUES('01a21a9011b0723daca432d79a06279c','MUG','sold',2,'01a21a901171776d9b32d9543ee62207','orders','confirmed','2026-11-27 01:12:59.056491');
INSERT INTO "movements" VALUES('01a21a9011c1727bbca44379bdad38fa','MUG','held',1,'01a21a9011bf707e914c9a3f615f196b','orders','placed','2026-11-27 01:12:59.073851');
INSERT INTO "movements" VALUES('01a21a9011d273a79d8fa87bd10a4cbe','MUG','held',3,'01a21a9011cf706c8577e0baa9378659','orders','placed','2026-11-27 01:12:59.090030');
CREATE TABLE operations (
	id CHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	who VARCHAR(120) NOT NULL, 
	what VARCHAR(60) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE outbox (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	event_id CHAR(32) NOT NULL, 
	topic VARCHAR(60) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	type VARCHAR(120) NOT NULL, 
	headers TEXT NOT NULL, 
	body BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	published_at DATETIME
);
INSERT INTO "outbox" VALUES(1,'01a21a9010cc710e86c94eec38b60be8','catalog','MUG','catalog.offer_changed.v1','{"ce_specversion":"1.0","ce_id":"01a21a90-10cc-710e-86c9-4eec38b60be8","ce_type":"catalog.offer_changed.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T01:12:58.828170+00:00","content-type":"application/json","traceparent":"00-eb732daeb12bca15f4f72aea6eafc9db-6715abca5e3cb96b-01"}',X'7B22736B75223A224D5547222C2270726F647563745F6964223A2230316132316139302D313063392D373230372D383635332D353932343863366134356264222C226E616D65223A224D7567222C227072696365223A3930302C2263757272656E6379223A22455552222C226F6E5F73616C65223A747275652C2276657273696F6E223A312C227265766973696F6E223A307D','2026-11-27 01:12:58.828170','2026-11-27 01:12:58.959544');
INSERT INTO "outbox" VALUES(2,'01a21a90117a759e95c831dbf87f57a5','catalog','01a21a90-1171-776d-9b32-d9543ee62207','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21a90-117a-759e-95c8-31dbf87f57a5","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T01:12:59.002691+00:00","content-type":"application/json","ce_requestid":"01a21a90-116d-7048-8931-3290fcef7a36","traceparent":"00-495dd77639842d2e632c999aa4dce79b-fc580b2783afa903-01"}',X'7B226F726465725F6964223A2230316132316139302D313137312D373736642D396233322D643935343365653632323037222C2276657273696F6E223A317D','2026-11-27 01:12:59.002691','2026-11-27 01:12:59.008751');
INSERT INTO "outbox" VALUES(3,'01a21a9011b0723daca432d8a6caafe0','catalog','01a21a90-1171-776d-9b32-d9543ee62207','catalog.stock_sold.v1','{"ce_specversion":"1.0","ce_id":"01a21a90-11b0-723d-aca4-32d8a6caafe0","ce_type":"catalog.stock_sold.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T01:12:59.056673+00:00","content-type":"application/json","ce_requestid":"01a21a90-11a3-702e-9340-d2dd80fe142c","traceparent":"00-a6621306fe9adb0edaf92dbd1bd519b1-ee73f3f3b29314b9-01"}',X'7B226F726465725F6964223A2230316132316139302D313137312D373736642D396233322D643935343365653632323037222C2276657273696F6E223A327D','2026-11-27 01:12:59.056673','2026-11-27 01:12:59.066136');
INSERT INTO "outbox" VALUES(4,'01a21a9011c277e889fd9f027a9375c8','catalog','01a21a90-11bf-707e-914c-9a3f615f196b','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21a90-11c2-77e8-89fd-9f027a9375c8","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T01:12:59.074688+00:00","content-type":"application/json","ce_requestid":"01a21a90-11be-73e5-9e98-208fef220f4b","traceparent":"00-1060997b1af0e5b7fe556ab04b19c307-8246b5b0fce83079-01"}',X'7B226F726465725F6964223A2230316132316139302D313162662D373037652D393134632D396133663631356631393662222C2276657273696F6E223A317D','2026-11-27 01:12:59.074688','2026-11-27 01:12:59.077037');
INSERT INTO "outbox" VALUES(5,'01a21a9011d273a79d8fa87ccfda3806','catalog','01a21a90-11cf-706c-8577-e0baa9378659','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21a90-11d2-73a7-9d8f-a87ccfda3806","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T01:12:59.090793+00:00","content-type":"application/json","ce_requestid":"01a21a90-11ce-7541-a5e8-d1eb1ece6da5","traceparent":"00-065fdd8edc86f31da3ad7a931354d459-1954ab8dec00446d-01"}',X'7B226F726465725F6964223A2230316132316139302D313163662D373036632D383537372D653062616139333738363539222C2276657273696F6E223A317D','2026-11-27 01:12:59.090793','2026-11-27 01:12:59.093068');
CREATE TABLE parked (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	consumer VARCHAR(60) NOT NULL, 
	topic VARCHAR(60) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	event_id CHAR(32) NOT NULL, 
	type VARCHAR(120) NOT NULL, 
	headers TEXT NOT NULL, 
	body BLOB, 
	partition INTEGER NOT NULL, 
	"offset" BIGINT NOT NULL, 
	error TEXT NOT NULL, 
	parked_at DATETIME NOT NULL, 
	discarded_at DATETIME, 
	discarded_by VARCHAR(120), 
	discard_reason TEXT, 
	UNIQUE (consumer, event_id)
);
CREATE TABLE parked_keys (
	consumer VARCHAR(60) NOT NULL, 
	topic VARCHAR(60) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try_at DATETIME, 
	PRIMARY KEY (consumer, topic, "key")
);
CREATE TABLE products (
	id CHAR(32) NOT NULL, 
	slug VARCHAR(120) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	description TEXT NOT NULL, 
	category VARCHAR(120), 
	attributes TEXT NOT NULL, 
	on_sale BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(category) REFERENCES categories (slug), 
	UNIQUE (slug)
);
INSERT INTO "products" VALUES('01a21a9010c97207865359248c6a45bd','mug','Mug','',NULL,'{}',1,'2026-11-27 01:12:58.825172',1);
CREATE TABLE replays (
	id CHAR(32) NOT NULL, 
	question TEXT NOT NULL, 
	place TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	ended_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE reservations (
	order_id CHAR(32) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (order_id)
);
INSERT INTO "reservations" VALUES('01a21a901171776d9b32d9543ee62207','sold',2);
INSERT INTO "reservations" VALUES('01a21a9011bf707e914c9a3f615f196b','held',1);
INSERT INTO "reservations" VALUES('01a21a9011cf706c8577e0baa9378659','held',1);
CREATE TABLE stock (
	sku VARCHAR(64) NOT NULL, 
	on_hand INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (sku), 
	CONSTRAINT held_is_on_hand CHECK (held between 0 and on_hand), 
	FOREIGN KEY(sku) REFERENCES variants (sku)
);
INSERT INTO "stock" VALUES('MUG',98,4,5);
CREATE TABLE trusted_signing_keys (
	kid VARCHAR(64) NOT NULL, 
	root VARCHAR(64) NOT NULL, 
	public_key TEXT NOT NULL, 
	retired BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER DEFAULT '0' NOT NULL, 
	until DATETIME, 
	PRIMARY KEY (kid, root)
);
INSERT INTO "trusted_signing_keys" VALUES('01a21a90-10c3-7160-a80b-82abb3af2a24','KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU=','-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA89meMnve2SyR1iw0Z9WuA+Hzqca9H5fTWxpMR1gaWRU=
-----END PUBLIC KEY-----
',0,1,0,NULL);
INSERT INTO "trusted_signing_keys" VALUES('01a21a90-10bd-75e1-948f-2351459537e8','KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU=','-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA/yeDJIvcqHPEXT8ebnngyGRwZ5oth0K3CrZL9c/ByF0=
-----END PUBLIC KEY-----
',0,1,1,NULL);
CREATE TABLE variants (
	sku VARCHAR(64) NOT NULL, 
	product_id CHAR(32) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	amount INTEGER NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	attributes TEXT NOT NULL, 
	on_sale BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, folded_sku VARCHAR(300), 
	PRIMARY KEY (sku), 
	FOREIGN KEY(product_id) REFERENCES products (id)
);
INSERT INTO "variants" VALUES('MUG','01a21a9010c97207865359248c6a45bd','',900,'EUR','{}',1,1,'mug');
CREATE TABLE work (
	kind VARCHAR(60) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	asked INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_until DATETIME, 
	error TEXT, 
	request_id VARCHAR(64), traceparent VARCHAR(55), 
	PRIMARY KEY (kind, subject)
);
INSERT INTO "work" VALUES('level','MUG',4,'2026-11-27 01:12:59.334025',0,NULL,NULL,'01a21a90-11ce-7541-a5e8-d1eb1ece6da5','00-065fdd8edc86f31da3ad7a931354d459-1954ab8dec00446d-01');
CREATE INDEX ix_inbox_handled_at ON inbox (handled_at);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX parked_queue ON parked (consumer, topic, "key", id);
CREATE INDEX ix_work_due_at ON work (due_at);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
CREATE INDEX ix_known_ended_sessions_heard_at ON known_ended_sessions (heard_at);
CREATE INDEX ix_categories_parent ON categories (parent);
CREATE INDEX holds_of_a_sku ON holds (sku, held_at);
CREATE INDEX movements_of_a_sku ON movements (sku, id);
CREATE INDEX ix_products_category ON products (category);
CREATE INDEX ix_variants_product_id ON variants (product_id);
CREATE UNIQUE INDEX variants_folded_sku ON variants (folded_sku);
CREATE INDEX listings_by_price ON listings (price, product_id);
CREATE INDEX listings_by_age ON listings (created_at, product_id);
CREATE INDEX listings_by_name ON listings (sort_key, product_id);
CREATE INDEX listings_by_category ON listings (category);
CREATE INDEX listings_of_edition ON listings (edition);
CREATE INDEX listings_by_words ON listings (words) WHERE 0;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',5);
COMMIT;
