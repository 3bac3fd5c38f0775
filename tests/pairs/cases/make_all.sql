create table t(a int);
-- becomes
create schema s; create extension if not exists pgcrypto; create type s.e as enum('a'); create table s.t(a s.e, b int generated always as identity); create view s.v as select * from s.t; create function s.f() returns s.e language sql as $$ select 'a'::s.e $$; create table s.u(a int default 1 primary key); create materialized view s.m as select * from s.v; create collation s.c (provider=libc, locale='C'); create type s.rng as range(subtype=int); create table s.w(x text collate s.c, r s.rng);
