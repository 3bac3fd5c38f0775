create extension citext;
create extension hstore;
create table t(a citext primary key, h hstore);
create view v as select h->'a' as x from t;
-- becomes
create extension citext;
create schema ext;
create extension pg_trgm schema ext;
create table t(a text primary key, n text);
create index i on t using gin (n ext.gin_trgm_ops);
comment on index i is 'x';
comment on constraint t_pkey on t is 'pk';
comment on schema ext is 's';
