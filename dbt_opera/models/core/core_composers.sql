with reference_composers as (
    select * from {{ ref('composers') }}
),

works as (
    select * from {{ ref('int_works_mentioned') }}
    where composer_id is not null
),

composers as (
    select * from {{ ref('int_composers') }}
    where reference_id is null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

provisional as (
    select
        composers.composer_id,
        {{ first_known('composers.composer', 'works.pick_rank, works.ordinal, composers.composer collate "C"') }}
            as name,
        {{ first_known('mentions.extraction_id', 'works.pick_rank, works.ordinal') }} as source_extraction_id,
        {{ first_known('mentions.pointer', 'works.pick_rank, works.ordinal') }} as source_pointer,
        {{ audit_columns('mentions') }}
    from composers
    inner join works on composers.composer_id = works.composer_id
    inner join mentions on works.mention_id = mentions.mention_id
    group by composers.composer_id
),

every_composer as (
    select
        {{ key('composer', ['composer_id']) }} as id,
        name,
        sort_name,
        birth_year,
        death_year,
        'reference' as resolution,
        1.00::numeric(3, 2) as resolution_score,
        null::uuid as source_extraction_id,
        null::text as source_pointer,
        null::timestamptz as created_at,
        null::timestamptz as updated_at,
        null::timestamptz as last_confirmed_at
    from reference_composers
    union all
    select
        composer_id as id,
        name,
        {{ sort_name('name') }} as sort_name,
        null::integer as birth_year,
        null::integer as death_year,
        'provisional' as resolution,
        0.50::numeric(3, 2) as resolution_score,
        source_extraction_id,
        source_pointer,
        created_at,
        updated_at,
        last_confirmed_at
    from provisional
),

with_external_ids as (
    select
        id,
        name,
        sort_name,
        birth_year,
        death_year,
        null::text as wikidata_id,
        resolution,
        resolution_score,
        source_extraction_id,
        source_pointer,
        created_at,
        updated_at,
        last_confirmed_at
    from every_composer
)

select * from with_external_ids
