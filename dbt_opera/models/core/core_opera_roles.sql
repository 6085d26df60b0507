with roles as (
    select * from {{ ref('int_roles') }}
),

cast_members as (
    select * from {{ ref('int_cast') }}
    where role_key is not null
),

productions as (
    select distinct
        mention_id,
        production_id
    from {{ ref('int_mention_productions') }}
),

production_works as (
    select * from {{ ref('int_production_works') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

-- How a role that no reference has is printed on the best page.
printed as (
    select
        production_works.opera_work_id,
        cast_members.role_key,
        {{ first_known('cast_members.role', 'cast_members.pick_rank, cast_members.position') }} as role_name,
        {{ first_known('cast_members.voice_type', 'cast_members.pick_rank, cast_members.position') }} as voice_type,
        {{ first_known('cast_members.extraction_id', 'cast_members.pick_rank, cast_members.position') }}
            as source_extraction_id,
        {{ first_known('cast_members.pointer', 'cast_members.pick_rank, cast_members.position') }} as source_pointer,
        {{ audit_columns('mentions') }}
    from cast_members
    inner join productions on cast_members.mention_id = productions.mention_id
    inner join production_works on productions.production_id = production_works.production_id
    inner join mentions on cast_members.mention_id = mentions.mention_id
    group by production_works.opera_work_id, cast_members.role_key
),

named as (
    select
        roles.role_id as id,
        roles.opera_work_id,
        coalesce(roles.role_name, printed.role_name) as role_name,
        coalesce(roles.voice_type, printed.voice_type) as voice_type,
        roles.ordinal,
        case when roles.role_name is null then 'provisional' else 'reference' end as resolution,
        case when roles.role_name is null then 0.50 else 1.00 end::numeric(3, 2) as resolution_score,
        case when roles.role_name is null then printed.source_extraction_id end as source_extraction_id,
        case when roles.role_name is null then printed.source_pointer end as source_pointer,
        printed.created_at,
        printed.updated_at,
        printed.last_confirmed_at
    from roles
    left join printed on roles.opera_work_id = printed.opera_work_id and roles.role_key = printed.role_key
    where roles.printed_role_key = roles.role_key
)

select * from named
