create sequence s1;
create sequence s2 as smallint minvalue -5 start -2 increment -1;
create table t(a int default nextval('s1'), b int default nextval('s2'));
create view v as select nextval('s1') as n;
-- becomes
create sequence s3;
create sequence s2 as bigint start 10;
create table t(a bigint default nextval('s3'), b int default currval('s2'));
create view v as select nextval('s3') as n;
