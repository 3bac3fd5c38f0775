create table part(weight numeric not null default 0, made timestamptz);
create table label(text text collate "C", weight numeric not null default 0);
create table old_parent(o int);
create table wheel(spokes int);
create table spoke() inherits (wheel);
create table gear(teeth int) inherits (old_parent);
create table "Screw Nut"(size int);
-- becomes
create table part(weight numeric not null default 0, made timestamptz);
create table label(text text collate "C", weight numeric not null default 0);
create table old_parent(o int);
create table made_now(id bigserial, note text check (note <> ''));
create table wheel(spokes int) inherits (part, label);
create table spoke() inherits (wheel);
create table gear(teeth int, made timestamptz) inherits (old_parent, part);
create table "Screw Nut"(size int) inherits (label);
comment on column wheel.weight is 'in kg';
alter table wheel alter weight set default 7;
alter table wheel alter text set storage external;
