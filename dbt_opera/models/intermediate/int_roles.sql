{# As many of a work's roles as a poster names. #}
{% set principal_roles = 4 %}

with reference_roles as (
    select
        work_id,
        role,
        voice_type,
        ctid as file_position
    from {{ ref('opera_roles') }}
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

labels as (
    select distinct {{ normalised('label') }} as label_key
    from {{ ref('credit_labels') }}
),

-- The seed lists the roles of a work in order of weight, and is loaded in one statement in the order of its lines.
ranked_roles as (
    select
        {{ key('work', ['work_id']) }} as opera_work_id,
        role as role_name,
        voice_type,
        {{ normalised('role') }} as role_key,
        (row_number() over (partition by work_id order by file_position))::integer as ordinal
    from reference_roles
),

bills as (
    select
        production_id,
        count(*) as works_count
    from production_works
    group by production_id
),

works_of_cast as (
    select distinct
        cast_members.role_key,
        production_works.opera_work_id,
        bills.works_count
    from cast_members
    inner join productions on cast_members.mention_id = productions.mention_id
    inner join production_works on productions.production_id = production_works.production_id
    inner join bills on productions.production_id = bills.production_id
),

exact as (
    select
        works_of_cast.opera_work_id,
        works_of_cast.role_key,
        min(ranked_roles.ordinal) as ordinal,
        'reference' as resolution,
        1.00 as resolution_score
    from works_of_cast
    inner join ranked_roles
        on works_of_cast.opera_work_id = ranked_roles.opera_work_id and works_of_cast.role_key = ranked_roles.role_key
    group by works_of_cast.opera_work_id, works_of_cast.role_key
),

-- "Violetta" for Violetta Valéry, "Scarpia, Polizeichef" for Scarpia: whole words, and only one role fits.
partly as (
    select
        works_of_cast.opera_work_id,
        works_of_cast.role_key,
        min(ranked_roles.ordinal) as ordinal,
        'normalised' as resolution,
        0.80 as resolution_score
    from works_of_cast
    inner join ranked_roles
        on
            works_of_cast.opera_work_id = ranked_roles.opera_work_id
            and (
                ' ' || ranked_roles.role_key || ' ' like '% ' || works_of_cast.role_key || ' %'
                or works_of_cast.role_key like ranked_roles.role_key || ' %'
            )
    where
        not exists (
            select 1 from exact
            where exact.opera_work_id = works_of_cast.opera_work_id and exact.role_key = works_of_cast.role_key
        )
    group by works_of_cast.opera_work_id, works_of_cast.role_key
    having count(*) = 1
),

resolved as (
    select * from exact
    union all
    select * from partly
),

-- A role the reference does not have is a row of its own, unless it is a function in the wrong column or the bill has
-- several works to which it may belong.
provisional as (
    select distinct
        works_of_cast.opera_work_id,
        works_of_cast.role_key
    from works_of_cast
    where
        works_of_cast.works_count = 1
        and not exists (
            select 1 from resolved
            where resolved.opera_work_id = works_of_cast.opera_work_id and resolved.role_key = works_of_cast.role_key
        )
        and not exists (
            select 1 from labels
            where labels.label_key = works_of_cast.role_key
        )
),

roles as (
    select
        ranked_roles.opera_work_id,
        ranked_roles.role_key as printed_role_key,
        ranked_roles.role_key,
        ranked_roles.role_name,
        ranked_roles.voice_type,
        ranked_roles.ordinal,
        case when ranked_roles.ordinal <= {{ principal_roles }} then 'principal' else 'supporting' end as role_type,
        'reference' as resolution,
        1.00 as resolution_score
    from ranked_roles
    union all
    select
        resolved.opera_work_id,
        resolved.role_key as printed_role_key,
        ranked_roles.role_key,
        ranked_roles.role_name,
        ranked_roles.voice_type,
        ranked_roles.ordinal,
        case when ranked_roles.ordinal <= {{ principal_roles }} then 'principal' else 'supporting' end as role_type,
        resolved.resolution,
        resolved.resolution_score
    from resolved
    inner join ranked_roles
        on resolved.opera_work_id = ranked_roles.opera_work_id and resolved.ordinal = ranked_roles.ordinal
    where resolved.role_key <> ranked_roles.role_key
    union all
    select
        opera_work_id,
        role_key as printed_role_key,
        role_key,
        null as role_name,
        null as voice_type,
        null as ordinal,
        null as role_type,
        'provisional' as resolution,
        0.50 as resolution_score
    from provisional
),

keyed as (
    select distinct on (opera_work_id, printed_role_key)
        opera_work_id,
        printed_role_key,
        {{ key('role', ['opera_work_id', 'role_key']) }} as role_id,
        role_key,
        role_name,
        voice_type,
        ordinal,
        role_type,
        resolution,
        resolution_score::numeric(3, 2) as resolution_score
    from roles
    order by opera_work_id, printed_role_key, ordinal
)

select * from keyed
