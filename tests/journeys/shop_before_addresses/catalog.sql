BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE audits (
	"check" VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	compared INTEGER NOT NULL, 
	discrepancies INTEGER NOT NULL, 
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
INSERT INTO "holds" VALUES('01a21e24c3077165b97b16b7ecc332f8','MUG',2,'2026-11-27 17:54:15.470458');
INSERT INTO "holds" VALUES('01a21e24c4ef76c59397bbd4b65fde36','MUG',3,'2026-11-27 17:54:15.931599');
INSERT INTO "holds" VALUES('01a21e24c658768cb325e2f5f5492b10','MUG',1,'2026-11-27 17:54:16.283054');
INSERT INTO "holds" VALUES('01a21e24c75372758d0b61f38907f7eb','MUG',3,'2026-11-27 17:54:16.553550');
INSERT INTO "holds" VALUES('01a21e24c8137515a4e0f3be3f762199','MUG',1,'2026-11-27 17:54:16.734947');
INSERT INTO "holds" VALUES('01a21e24c8c771a58175d598ac060d48','MUG',2,'2026-11-27 17:54:16.913768');
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
INSERT INTO "inbox" VALUES('catalog','01a21e24c1ad75b381547ec0e2fdde9c','2026-11-27 17:54:15.086287');
INSERT INTO "inbox" VALUES('catalog','01a21e24c18b7125b0b3c6d83f4d4245','2026-11-27 17:54:15.173629');
INSERT INTO "inbox" VALUES('catalog','01a21e24c27e725d98db6e317de84a23','2026-11-27 17:54:15.359662');
INSERT INTO "inbox" VALUES('catalog','01a21e24c30d7600bf88954391ac4221','2026-11-27 17:54:15.467332');
INSERT INTO "inbox" VALUES('catalog','01a21e24c44b73928157ae351702263f','2026-11-27 17:54:15.757008');
INSERT INTO "inbox" VALUES('catalog','01a21e24c4ef76c59397bbd5184afe4f','2026-11-27 17:54:15.931199');
INSERT INTO "inbox" VALUES('catalog','01a21e24c5bb737891a9aa75030558f5','2026-11-27 17:54:16.124277');
INSERT INTO "inbox" VALUES('catalog','01a21e24c65970ef9f6ab052e2f478a8','2026-11-27 17:54:16.282769');
INSERT INTO "inbox" VALUES('catalog','01a21e24c75d704faf0e8e2a91b90667','2026-11-27 17:54:16.553143');
INSERT INTO "inbox" VALUES('catalog','01a21e24c8137515a4e0f3bfb0fcfdbe','2026-11-27 17:54:16.734610');
INSERT INTO "inbox" VALUES('catalog','01a21e24c8867329b5d35748ba332fb1','2026-11-27 17:54:16.839134');
INSERT INTO "inbox" VALUES('catalog','01a21e24c8c8757cb0082e8a8dd5da77','2026-11-27 17:54:16.913420');
CREATE TABLE "jobs" (
	kind VARCHAR(60) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	requested INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_until DATETIME, 
	error TEXT, 
	request_id VARCHAR(64), traceparent VARCHAR(55), 
	PRIMARY KEY (kind, subject)
);
INSERT INTO "jobs" VALUES('level','MUG',3,'2026-11-27 17:54:17.057778',0,NULL,NULL,'01a21e24-c8c5-73d6-83e9-988da76e0a1f','00-5f95314778448a4307ff1106c4dca045-5d612cc647775d83-01');
INSERT INTO "jobs" VALUES('index','01a21e24-c1c5-70eb-95eb-eaaf95932013',1,'2026-11-27 17:54:17.143668',0,NULL,NULL,'01a21e24-c992-71f7-91c4-f59d28c6029b','00-9244e8100eb145128b81c389bb1f376d-49d871367c11a2e9-01');
CREATE TABLE known_ended_sessions (
	session_id CHAR(32) NOT NULL, 
	received_at DATETIME NOT NULL, 
	PRIMARY KEY (session_id)
);
CREATE TABLE known_epochs (
	user_id CHAR(32) NOT NULL, 
	epoch INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, revision INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (user_id)
);
INSERT INTO "known_epochs" VALUES('01a21e24c27a744a92d7eb7dcb0524e4',0,0,1,0);
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
INSERT INTO "listings" VALUES('01a21e24c1c570eb95ebeaaf95932013',13,2,1,NULL,1100,'EUR','2026-11-27 17:54:15.109661','mug',1,' Amug  Cmug  Dmug ');
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
INSERT INTO "movements" VALUES('01a21e24c1ea73c5b2360324c21e5824','MUG','received',40,NULL,'test','opening stock','2026-11-27 17:54:15.146455');
INSERT INTO "movements" VALUES('01a21e24c32e73969074946583f85345','MUG','held',2,'01a21e24c3077165b97b16b7ecc332f8','orders','placed','2026-11-27 17:54:15.470859');
INSERT INTO "movements" VALUES('01a21e24c467743eb7d6d8a53b37192f','MUG','sold',2,'01a21e24c3077165b97b16b7ecc332f8','orders','confirmed','2026-11-27 17:54:15.783812');
INSERT INTO "movements" VALUES('01a21e24c4fb75ee8df0f5b982138c2f','MUG','held',3,'01a21e24c4ef76c59397bbd4b65fde36','orders','placed','2026-11-27 17:54:15.931709');
INSERT INTO "movements" VALUES('01a21e24c5bc7447aca82832f6343164','MUG','sold',3,'01a21e24c4ef76c59397bbd4b65fde36','orders','confirmed','2026-11-27 17:54:16.124909');
INSERT INTO "movements" VALUES('01a21e24c65b7571b3d8d13e7d3db509','MUG','held',1,'01a21e24c658768cb325e2f5f5492b10','orders','placed','2026-11-27 17:54:16.283125');
INSERT INTO "movements" VALUES('01a21e24c76970bc8f2d6fae3e884ed4','MUG','held',3,'01a21e24c75372758d0b61f38907f7eb','orders','placed','2026-11-27 17:54:16.553665');
INSERT INTO "movements" VALUES('01a21e24c81f71dc86cc18c02672d0db','MUG','held',1,'01a21e24c8137515a4e0f3be3f762199','orders','placed','2026-11-27 17:54:16.735047');
INSERT INTO "movements" VALUES('01a21e24c88775378e3f1204319a78ae','MUG','sold',1,'01a21e24c8137515a4e0f3be3f762199','orders','confirmed','2026-11-27 17:54:16.839734');
INSERT INTO "movements" VALUES('01a21e24c8d17158b48e19420f1d26f1','MUG','held',2,'01a21e24c8c771a58175d598ac060d48','orders','placed','2026-11-27 17:54:16.913866');
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
INSERT INTO "outbox" VALUES(1,'01a21e24c1db7282997f90200f359360','catalog','MUG','catalog.offer_changed.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c1db-7282-997f-90200f359360","ce_type":"catalog.offer_changed.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:15.131510+00:00","content-type":"application/json","traceparent":"00-39e52ebfdd5290d8be99cc6d17094323-b0ff979849d9c6b5-01"}',X'7B22736B75223A224D5547222C2270726F647563745F6964223A2230316132316532342D633163352D373065622D393565622D656161663935393332303133222C226E616D65223A224D7567222C227072696365223A3930302C2263757272656E6379223A22455552222C226F6E5F73616C65223A747275652C2276657273696F6E223A312C227265766973696F6E223A307D','2026-11-27 17:54:15.131510','2026-11-27 17:54:15.210060');
INSERT INTO "outbox" VALUES(2,'01a21e24c33072df90f92886dd061525','catalog','01a21e24-c307-7165-b97b-16b7ecc332f8','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c330-72df-90f9-2886dd061525","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:15.472241+00:00","content-type":"application/json","ce_requestid":"01a21e24-c2da-7438-8a9b-8dd5e024a674","traceparent":"00-56c8c30720ac439aa318344341ff67bd-8cdc5864dda116d9-01"}',X'7B226F726465725F6964223A2230316132316532342D633330372D373136352D623937622D313662376563633333326638222C2276657273696F6E223A317D','2026-11-27 17:54:15.472241','2026-11-27 17:54:15.487237');
INSERT INTO "outbox" VALUES(3,'01a21e24c40874908d768c97ab96644a','catalog','MUG','catalog.stock_level_changed.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c408-7490-8d76-8c97ab96644a","ce_type":"catalog.stock_level_changed.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:15.688890+00:00","content-type":"application/json","ce_requestid":"01a21e24-c2da-7438-8a9b-8dd5e024a674","traceparent":"00-56c8c30720ac439aa318344341ff67bd-8cdc5864dda116d9-01"}',X'7B22736B75223A224D5547222C22617661696C61626C65223A33382C2276657273696F6E223A322C227265766973696F6E223A307D','2026-11-27 17:54:15.688890','2026-11-27 17:54:15.707217');
INSERT INTO "outbox" VALUES(4,'01a21e24c468732c95a29a5be3b21eb1','catalog','01a21e24-c307-7165-b97b-16b7ecc332f8','catalog.stock_sold.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c468-732c-95a2-9a5be3b21eb1","ce_type":"catalog.stock_sold.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:15.784015+00:00","content-type":"application/json","ce_requestid":"01a21e24-c434-749a-8f74-5c469ab36b26","traceparent":"00-8714c5961428764a497a2785b3c1a52d-b95f4bbbd8184217-01"}',X'7B226F726465725F6964223A2230316132316532342D633330372D373136352D623937622D313662376563633333326638222C2276657273696F6E223A327D','2026-11-27 17:54:15.784015','2026-11-27 17:54:15.852423');
INSERT INTO "outbox" VALUES(5,'01a21e24c50976ec882dba22da7c45e0','catalog','01a21e24-c4ef-76c5-9397-bbd4b65fde36','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c509-76ec-882d-ba22da7c45e0","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:15.945100+00:00","content-type":"application/json","ce_requestid":"01a21e24-c4e2-7624-b69b-a93f0efe8d15","traceparent":"00-5ed7de7643c461498a59fad4d3d99d67-5d61393bb76b545d-01"}',X'7B226F726465725F6964223A2230316132316532342D633465662D373663352D393339372D626264346236356664653336222C2276657273696F6E223A317D','2026-11-27 17:54:15.945100','2026-11-27 17:54:15.972774');
INSERT INTO "outbox" VALUES(6,'01a21e24c5bd719d8a4951a1f51a491d','catalog','01a21e24-c4ef-76c5-9397-bbd4b65fde36','catalog.stock_sold.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c5bd-719d-8a49-51a1f51a491d","ce_type":"catalog.stock_sold.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.125072+00:00","content-type":"application/json","ce_requestid":"01a21e24-c586-753a-9818-2168a6a30234","traceparent":"00-7148d9d1f399b15937685e3475a4f4bd-09f4875a8a176903-01"}',X'7B226F726465725F6964223A2230316132316532342D633465662D373663352D393339372D626264346236356664653336222C2276657273696F6E223A327D','2026-11-27 17:54:16.125072','2026-11-27 17:54:16.212950');
INSERT INTO "outbox" VALUES(7,'01a21e24c65c75658c26a9746d72b496','catalog','01a21e24-c658-768c-b325-e2f5f5492b10','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c65c-7565-8c26-a9746d72b496","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.284554+00:00","content-type":"application/json","ce_requestid":"01a21e24-c657-71ab-8a1c-7f7d211981dd","traceparent":"00-e2d9968291f50a0d178e5bf10139a5d5-117219993a724685-01"}',X'7B226F726465725F6964223A2230316132316532342D633635382D373638632D623332352D653266356635343932623130222C2276657273696F6E223A317D','2026-11-27 17:54:16.284554','2026-11-27 17:54:16.427237');
INSERT INTO "outbox" VALUES(8,'01a21e24c7357197a644dec164cdab55','catalog','MUG','catalog.stock_level_changed.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c735-7197-a644-dec164cdab55","ce_type":"catalog.stock_level_changed.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.501593+00:00","content-type":"application/json","ce_requestid":"01a21e24-c657-71ab-8a1c-7f7d211981dd","traceparent":"00-e2d9968291f50a0d178e5bf10139a5d5-117219993a724685-01"}',X'7B22736B75223A224D5547222C22617661696C61626C65223A33342C2276657273696F6E223A362C227265766973696F6E223A307D','2026-11-27 17:54:16.501593','2026-11-27 17:54:16.517960');
INSERT INTO "outbox" VALUES(9,'01a21e24c7737191b73dab0bbd2718c3','catalog','01a21e24-c753-7275-8d0b-61f38907f7eb','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c773-7191-b73d-ab0bbd2718c3","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.563984+00:00","content-type":"application/json","ce_requestid":"01a21e24-c747-77d9-8034-fc6cdc18eb24","traceparent":"00-411303042cd7f9708d9e6ed1c73cd243-7736bea98ee3cb93-01"}',X'7B226F726465725F6964223A2230316132316532342D633735332D373237352D386430622D363166333839303766376562222C2276657273696F6E223A317D','2026-11-27 17:54:16.563984','2026-11-27 17:54:16.578723');
INSERT INTO "outbox" VALUES(10,'01a21e24c82972fd86b6aab7601f0c82','catalog','01a21e24-c813-7515-a4e0-f3be3f762199','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c829-72fd-86b6-aab7601f0c82","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.745937+00:00","content-type":"application/json","ce_requestid":"01a21e24-c808-7492-93a8-87644262af01","traceparent":"00-010260c4a5c4e0c90c764098a920c607-83eef9f4d94103b5-01"}',X'7B226F726465725F6964223A2230316132316532342D633831332D373531352D613465302D663362653366373632313939222C2276657273696F6E223A317D','2026-11-27 17:54:16.745937','2026-11-27 17:54:16.760896');
INSERT INTO "outbox" VALUES(11,'01a21e24c88775378e3f12058205bb89','catalog','01a21e24-c813-7515-a4e0-f3be3f762199','catalog.stock_sold.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c887-7537-8e3f-12058205bb89","ce_type":"catalog.stock_sold.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.839882+00:00","content-type":"application/json","ce_requestid":"01a21e24-c86d-77fa-a3d9-654a5d5a5b65","traceparent":"00-b15f39a447e3d58d4bd21c4bb9c16923-b29f52af6b271b7d-01"}',X'7B226F726465725F6964223A2230316132316532342D633831332D373531352D613465302D663362653366373632313939222C2276657273696F6E223A327D','2026-11-27 17:54:16.839882','2026-11-27 17:54:16.883590');
INSERT INTO "outbox" VALUES(12,'01a21e24c8d270ca837da846655d75bc','catalog','01a21e24-c8c7-71a5-8175-d598ac060d48','catalog.stock_reserved.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c8d2-70ca-837d-a846655d75bc","ce_type":"catalog.stock_reserved.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:16.914688+00:00","content-type":"application/json","ce_requestid":"01a21e24-c8c5-73d6-83e9-988da76e0a1f","traceparent":"00-5f95314778448a4307ff1106c4dca045-5d612cc647775d83-01"}',X'7B226F726465725F6964223A2230316132316532342D633863372D373161352D383137352D643539386163303630643438222C2276657273696F6E223A317D','2026-11-27 17:54:16.914688','2026-11-27 17:54:16.927346');
INSERT INTO "outbox" VALUES(13,'01a21e24c9b577e6a7ab5aad5afce156','catalog','MUG','catalog.offer_changed.v1','{"ce_specversion":"1.0","ce_id":"01a21e24-c9b5-77e6-a7ab-5aad5afce156","ce_type":"catalog.offer_changed.v1","ce_source":"/quartet/catalog","ce_time":"2026-11-27T17:54:17.141635+00:00","content-type":"application/json","ce_requestid":"01a21e24-c992-71f7-91c4-f59d28c6029b","traceparent":"00-9244e8100eb145128b81c389bb1f376d-49d871367c11a2e9-01"}',X'7B22736B75223A224D5547222C2270726F647563745F6964223A2230316132316532342D633163352D373065622D393565622D656161663935393332303133222C226E616D65223A224D7567222C227072696365223A313130302C2263757272656E6379223A22455552222C226F6E5F73616C65223A747275652C2276657273696F6E223A322C227265766973696F6E223A307D','2026-11-27 17:54:17.141635',NULL);
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
INSERT INTO "products" VALUES('01a21e24c1c570eb95ebeaaf95932013','mug','Mug','',NULL,'{}',1,'2026-11-27 17:54:15.109661',1);
CREATE TABLE replays (
	id CHAR(32) NOT NULL, 
	event_filter TEXT NOT NULL, 
	offsets TEXT NOT NULL, 
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
INSERT INTO "reservations" VALUES('01a21e24c3077165b97b16b7ecc332f8','sold',2);
INSERT INTO "reservations" VALUES('01a21e24c4ef76c59397bbd4b65fde36','sold',2);
INSERT INTO "reservations" VALUES('01a21e24c658768cb325e2f5f5492b10','held',1);
INSERT INTO "reservations" VALUES('01a21e24c75372758d0b61f38907f7eb','held',1);
INSERT INTO "reservations" VALUES('01a21e24c8137515a4e0f3be3f762199','sold',2);
INSERT INTO "reservations" VALUES('01a21e24c8c771a58175d598ac060d48','held',1);
CREATE TABLE stock (
	sku VARCHAR(64) NOT NULL, 
	on_hand INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (sku), 
	CONSTRAINT held_is_on_hand CHECK (held between 0 and on_hand), 
	FOREIGN KEY(sku) REFERENCES variants (sku)
);
INSERT INTO "stock" VALUES('MUG',34,6,10);
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
INSERT INTO "trusted_signing_keys" VALUES('01a21e24-c1ad-75b3-8154-7ebf14414941','KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU=','-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGEchnekmQu/jmompvhOjbxiZLUZywqRdB+3q7EyOhZk=
-----END PUBLIC KEY-----
',0,1,0,NULL);
INSERT INTO "trusted_signing_keys" VALUES('01a21e24-c18a-7125-b311-8129ccfefd6b','KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU=','-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAmcU0v3sgWe3EXF0RKRMHpYSL8mqu2FqXwwSJxhk7rTk=
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
INSERT INTO "variants" VALUES('MUG','01a21e24c1c570eb95ebeaaf95932013','',1100,'EUR','{}',1,2,'mug');
CREATE INDEX ix_inbox_handled_at ON inbox (handled_at);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX parked_queue ON parked (consumer, topic, "key", id);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
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
CREATE INDEX ix_jobs_due_at ON jobs (due_at);
CREATE INDEX ix_known_ended_sessions_received_at ON known_ended_sessions (received_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',13);
COMMIT;
